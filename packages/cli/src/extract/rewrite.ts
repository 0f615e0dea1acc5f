/** From what moves to the files as they will be: those of the new application, and those of the old one. Nothing is written here. */
import { dirname, join, relative } from "node:path"
import { type Project, type SourceFile, SyntaxKind } from "ts-morph"
import { type ExtractionPlan, freeNames, importOf } from "./plan.ts"
import { namesOf, references, targetOf } from "./sources.ts"

export interface Homes {
  /** The folder of the application that the child is in. */
  readonly from: string
  /** The folder of the new one. */
  readonly to: string
  readonly name: string
  readonly packageName: string
}
/** A file by its path; undefined for one that is not there any more. */
export type Texts = Map<string, string | undefined>

export interface Rewritten {
  readonly texts: Texts
  /** Whether the old application imports the new one. */
  readonly needed: boolean
  /** Packages that what moved imports, in modules and in tests. */
  readonly packages: ReadonlySet<string>
  readonly testPackages: ReadonlySet<string>
}

export function rewrite(project: Project, plan: ExtractionPlan, homes: Homes): Rewritten {
  const goes = new Set(plan.modules)
  const moved = new Map(plan.names.map(({ name, statement }) => [name, statement]))
  // What others use is read off before anything changes.
  const wanted = exportsWanted(project, plan, goes)
  const texts: Texts = new Map()
  const fresh = new Map<SourceFile, string>()
  for (const file of [...plan.modules, ...plan.tests]) fresh.set(file, movedText(project, file, homes, goes, moved))
  const index = indexText(plan, wanted, homes)
  const supervisor = supervisorText(plan, homes)
  const packages = packagesOf([...plan.modules.map((file) => fresh.get(file)!), index, supervisor, 'import "umbel"'])
  const testPackages = packagesOf(plan.tests.map((file) => fresh.get(file)!))
  const needed = editStaying(project, plan, homes, goes)

  for (const [file, text] of fresh) {
    texts.set(file.getFilePath(), undefined)
    texts.set(join(homes.to, relative(homes.from, file.getFilePath())), text)
  }
  texts.set(join(homes.to, "src/index.ts"), index)
  texts.set(join(homes.to, "src/supervisor.ts"), supervisor)
  texts.set(join(homes.to, "src/application.ts"), applicationText(homes.name))
  for (const file of project.getSourceFiles()) {
    if (!fresh.has(file) && !file.isSaved()) texts.set(file.getFilePath(), file.getFullText())
  }
  return { texts, needed, packages, testPackages }
}

const specifierTo = (from: string, to: string): string => {
  const path = relative(dirname(from), to).split("\\").join("/")
  return path.startsWith(".") ? path : `./${path}`
}

/** A file with the same place in the new application: only what was named elsewhere is found in its index now. */
function movedText(
  project: Project,
  file: SourceFile,
  homes: Homes,
  goes: ReadonlySet<SourceFile>,
  moved: ReadonlyMap<string, unknown>,
): string {
  const renamed = references(file).flatMap((one, i) => {
    const target = targetOf(one)
    return target !== undefined && !goes.has(target) && namesOf(one).some(({ exported }) => moved.has(exported))
      ? [i]
      : []
  })
  const copy = project.createSourceFile(join(homes.from, "src", "__moved.ts"), file.getFullText(), { overwrite: true })
  const index = join(homes.from, "src/index.ts")
  for (const i of renamed) references(copy)[i]!.setModuleSpecifier(specifierTo(file.getFilePath(), index))
  const text = copy.getFullText()
  project.removeSourceFile(copy)
  return text
}

/** By module that goes: what files that stay use of it, the line of the child left out. */
function exportsWanted(
  project: Project,
  plan: ExtractionPlan,
  goes: ReadonlySet<SourceFile>,
): ReadonlyMap<SourceFile, ReadonlySet<string>> {
  const wanted = new Map<SourceFile, Set<string>>()
  const want = (module: SourceFile, name: string): void => {
    wanted.set(module, (wanted.get(module) ?? new Set()).add(name))
  }
  const { child } = plan
  for (const file of project.getSourceFiles()) {
    if (goes.has(file) || plan.tests.includes(file)) continue
    for (const one of references(file)) {
      const target = targetOf(one)
      if (target === undefined || !goes.has(target)) continue
      for (const { exported, local } of namesOf(one)) {
        const inNames = plan.names.some(
          ({ statement }) =>
            statement.getSourceFile() === file &&
            uses(file, local).every((use) => use.getAncestors().includes(statement)),
        )
        const inChild =
          file === child.supervisor && uses(file, local).every((use) => use.getAncestors().includes(child.call))
        const reexported = one.isKind(SyntaxKind.ExportDeclaration)
        if (reexported || !(inNames || inChild)) want(target, exported)
      }
    }
  }
  // Where nobody used it but the supervisor, its names are what others are to know of it.
  for (const statement of child.module.getVariableStatements().filter((one) => one.isExported())) {
    for (const declaration of statement.getDeclarations()) {
      const call = declaration.getInitializerIfKind(SyntaxKind.CallExpression)
      if (call?.getExpression().getText() === "name") want(child.module, declaration.getName())
    }
  }
  return wanted
}

/** Where a name is used in a file, its import left out. */
const uses = (file: SourceFile, local: string) =>
  file
    .getDescendantsOfKind(SyntaxKind.Identifier)
    .filter((one) => one.getText() === local && one.getFirstAncestorByKind(SyntaxKind.ImportDeclaration) === undefined)

function indexText(plan: ExtractionPlan, wanted: ReadonlyMap<SourceFile, ReadonlySet<string>>, homes: Homes): string {
  const src = join(homes.from, "src/index.ts")
  const imports = new Imports(src)
  const statements = plan.names.map(({ statement }) => {
    const file = statement.getSourceFile()
    for (const local of freeNames(statement.getDescendantsOfKind(SyntaxKind.Identifier))) imports.take(file, local)
    return statement.getText(true)
  })
  const exports = [...wanted].map(([module, names]) => {
    const types = new Set(typesOf(module))
    const list = [...names].sort().map((name) => (types.has(name) ? `type ${name}` : name))
    return `export { ${list.join(", ")} } from "${specifierTo(src, module.getFilePath())}"`
  })
  const body = [imports.text, exports.join("\n"), ...statements].filter((part) => part !== "").join("\n\n")
  return `/** What other applications may use of \`${homes.name}\`. */\n${body === "" ? "export {}" : body}\n`
}

const typesOf = (module: SourceFile): readonly string[] =>
  [...module.getInterfaces(), ...module.getTypeAliases()].map((one) => one.getName())

function supervisorText({ child, names, modules }: ExtractionPlan, homes: Homes): string {
  const imports = new Imports(join(homes.from, "src/supervisor.ts"))
  imports.add("umbel", "child")
  imports.add("umbel", "supervisor")
  const moved = new Set(names.map(({ name }) => name))
  for (const local of freeNames(child.call.getDescendantsOfKind(SyntaxKind.Identifier))) {
    const from = importOf(child.supervisor, local)
    const target = from === undefined ? undefined : targetOf(from)
    if (moved.has(local) && (target === undefined || !modules.includes(target))) imports.add("./index.ts", local)
    else imports.take(child.supervisor, local)
  }
  return `/** The top of the supervision tree of \`${homes.name}\`. */
${imports.text}

export const top = supervisor("${homes.name}.supervisor", {
  children: [${child.call.getText()}],
})
`
}

const applicationText = (name: string): string => `/** The application \`${name}\`. */
import { application } from "umbel"
import { top } from "./supervisor.ts"

export default application({
  name: "${name}",
  start: () => top,
})
`

/** Imports that are put together, from those of other files. */
class Imports {
  readonly #at: string
  readonly #names = new Map<string, Map<string, boolean>>()
  constructor(at: string) {
    this.#at = at
  }
  /** The import of that name in another file, with the way to it from here. */
  take(file: SourceFile, local: string): void {
    const from = importOf(file, local)
    if (from === undefined) return
    const target = targetOf(from)
    const { exported, typeOnly } = namesOf(from).find((bound) => bound.local === local)!
    const specifier =
      target === undefined ? from.getModuleSpecifierValue()! : specifierTo(this.#at, target.getFilePath())
    this.add(specifier, exported === local ? local : `${exported} as ${local}`, typeOnly)
  }
  add(specifier: string, name: string, typeOnly = false): void {
    const names = this.#names.get(specifier) ?? new Map<string, boolean>()
    names.set(name, typeOnly && names.get(name) !== false)
    this.#names.set(specifier, names)
  }
  get text(): string {
    return [...this.#names]
      .sort(([a], [b]) => Number(a.startsWith(".")) - Number(b.startsWith(".")) || (a < b ? -1 : 1))
      .map(([specifier, names]) => {
        const all = [...names.values()].every((typeOnly) => typeOnly)
        const list = [...names]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, typeOnly]) => (typeOnly && !all ? `type ${name}` : name))
        return `import ${all ? "type " : ""}{ ${list.join(", ")} } from "${specifier}"`
      })
      .join("\n")
  }
}

/** Edits the files that stay; gives whether one of them needs the new application. */
function editStaying(
  project: Project,
  plan: ExtractionPlan,
  { packageName }: Homes,
  goes: ReadonlySet<SourceFile>,
): boolean {
  const { child, names, tests } = plan
  const staying = project.getSourceFiles().filter((file) => !goes.has(file) && !tests.includes(file))
  const touched = new Set<SourceFile>([child.supervisor, ...names.map(({ statement }) => statement.getSourceFile())])
  const headers = new Map([...touched].map((file) => [file, headerOf(file)]))
  child.list.removeElement(child.call)
  for (const { name, statement } of names) {
    const file = statement.getSourceFile()
    const used = uses(file, name).some((use) => !use.getAncestors().includes(statement))
    statement.remove()
    file.addExportDeclaration({ moduleSpecifier: packageName, namedExports: [name] })
    if (used) file.addImportDeclaration({ moduleSpecifier: packageName, namedImports: [name] })
  }
  for (const file of touched) {
    dropUnused(file)
    tidyTop(file, headers.get(file)!)
  }
  let needed = names.length > 0
  for (const file of staying) {
    for (const one of references(file)) {
      const target = targetOf(one)
      if (target === undefined || !goes.has(target)) continue
      one.setModuleSpecifier(packageName)
      needed = true
    }
  }
  return needed
}

/** The comment a file opens with. */
const headerOf = (file: SourceFile): string => /^\s*\/\*\*[\s\S]*?\*\/\n*/.exec(file.getFullText())?.[0] ?? ""

/** It goes with the first import when that goes: it is put back, and the empty line behind the imports with it. */
function tidyTop(file: SourceFile, header: string): void {
  if (!file.getFullText().startsWith(header)) file.insertText(0, header)
  const last = file.getImportDeclarations().at(-1)
  if (last !== undefined && /^\n[^\n]/.test(file.getFullText().slice(last.getEnd())))
    file.insertText(last.getEnd(), "\n")
}

/** Takes out imports that nothing uses since something was taken out. */
function dropUnused(file: SourceFile): void {
  for (const declaration of file.getImportDeclarations()) {
    const named = declaration.getNamedImports()
    if (named.length === 0) continue
    const unused = named.filter((one) => uses(file, one.getAliasNode()?.getText() ?? one.getName()).length === 0)
    if (unused.length === named.length && declaration.getDefaultImport() === undefined) declaration.remove()
    else for (const one of unused) one.remove()
  }
}

/** The packages that texts import, `node:` left out. */
function packagesOf(texts: readonly string[]): ReadonlySet<string> {
  const specifiers = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import)\s*\(?\s*"([^".][^"]*)"/g)].map(([, one]) => one!),
  )
  return new Set(
    specifiers
      .filter((one) => !one.startsWith("node:"))
      .map((one) =>
        one
          .split("/")
          .slice(0, one.startsWith("@") ? 2 : 1)
          .join("/"),
      ),
  )
}
