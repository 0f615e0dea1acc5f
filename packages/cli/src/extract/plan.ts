/**
 * What goes with a child that is extracted, and why it cannot, where it cannot. Reads only.
 *
 * - The module of the child goes, and every module that only those that go import.
 * - A name of it, `export const ROOMS = name<typeof roomServer>("rooms")`, goes too, wherever it stands.
 * - A test goes when all it imports of the application goes; the application itself it then has from the new one.
 * - Nothing that goes may import what stays: the two would need each other. That is the refusal met most.
 */
import { relative } from "node:path"
import { type Identifier, type Project, type SourceFile, SyntaxKind, type VariableStatement } from "ts-morph"
import type { FoundChild } from "./find.ts"
import { dynamicTargets, namesOf, type Reference, references, targetOf } from "./sources.ts"

export interface ExtractionPlan {
  readonly child: FoundChild
  /** Below `src`, the child's first. */
  readonly modules: readonly SourceFile[]
  /** Below `test`. */
  readonly tests: readonly SourceFile[]
  /** Statements of files that stay, which go. */
  readonly names: readonly MovedName[]
  /** Why it cannot be done; empty when it can. */
  readonly problems: readonly string[]
}
export interface MovedName {
  readonly name: string
  readonly statement: VariableStatement
}

const OWN = ["src/index.ts", "src/application.ts", "src/supervisor.ts"]

export function planExtraction(project: Project, folder: string, child: FoundChild): ExtractionPlan {
  const path = (file: SourceFile): string => relative(folder, file.getFilePath())
  const isTest = (file: SourceFile): boolean => path(file).startsWith("test/")
  const sources = project.getSourceFiles().filter((file) => !isTest(file))
  const modules = movingModules(sources, child)
  const goes = new Set(modules)
  const names = movingNames(sources, goes)
  const moved = new Set(names.map(({ name }) => name))
  const problems = [
    ...modules
      .filter((file) => OWN.includes(path(file)))
      .map((file) => `${path(file)} is no module of the child's alone: give the child a file of its own`),
    ...modules.flatMap((file) =>
      backwards(file, goes, moved).map(
        (what) => `${path(file)} needs ${what}, which stays: they would need each other`,
      ),
    ),
    ...dynamic(sources, goes).map(
      (file) => `${path(file)} imports one side from the other with import(…), which is not followed`,
    ),
    ...strategy(child),
    ...arguments_(child, goes, moved),
  ]
  const { tests, stuck } = movingTests(project.getSourceFiles().filter(isTest), goes, moved, path)
  return { child, modules, tests, names, problems: [...problems, ...stuck] }
}

/** The fixpoint of "imported only by what goes". */
function movingModules(sources: readonly SourceFile[], child: FoundChild): readonly SourceFile[] {
  const goes = [child.module]
  for (let grew = true; grew; ) {
    grew = false
    for (const file of sources) {
      if (goes.includes(file)) continue
      const importers = sources.filter(
        (other) => other !== file && references(other).some((one) => targetOf(one) === file),
      )
      if (importers.length === 0 || !importers.every((other) => goes.includes(other))) continue
      goes.push(file)
      grew = true
    }
  }
  return goes
}

/** `export const ROOMS = name<typeof roomServer>("rooms")`, in files that stay, of definitions that go. */
function movingNames(sources: readonly SourceFile[], goes: ReadonlySet<SourceFile>): readonly MovedName[] {
  return sources
    .filter((file) => !goes.has(file))
    .flatMap((file) => {
      const locals = new Set(
        references(file)
          .filter((one) => goes.has(targetOf(one)!))
          .flatMap((one) => namesOf(one).map(({ local }) => local)),
      )
      return file.getVariableStatements().flatMap((statement): readonly MovedName[] => {
        const [declaration, ...more] = statement.getDeclarations()
        const call = declaration?.getInitializerIfKind(SyntaxKind.CallExpression)
        if (declaration === undefined || more.length > 0 || call?.getExpression().getText() !== "name") return []
        const about = call.getTypeArguments().flatMap((type) => type.getDescendantsOfKind(SyntaxKind.Identifier))
        return about.some((identifier) => locals.has(identifier.getText()))
          ? [{ name: declaration.getName(), statement }]
          : []
      })
    })
}

/** What a file that goes needs of files that stay. */
const backwards = (file: SourceFile, goes: ReadonlySet<SourceFile>, moved: ReadonlySet<string>): readonly string[] =>
  references(file).flatMap((reference) => {
    const target = targetOf(reference)
    if (target === undefined || goes.has(target)) return []
    const needed = namesOf(reference).filter(({ exported }) => !moved.has(exported))
    return needed.map(({ exported }) => `${exported} of ${reference.getModuleSpecifierValue()}`)
  })

const dynamic = (sources: readonly SourceFile[], goes: ReadonlySet<SourceFile>): readonly SourceFile[] =>
  sources.filter((file) => dynamicTargets(file).some((target) => goes.has(target) !== goes.has(file)))

/** Children that fall together cannot be parted without a change of what happens when one falls. */
function strategy({ list, supervisor }: FoundChild): readonly string[] {
  const owner = list.getParent()?.getParentIfKind(SyntaxKind.ObjectLiteralExpression)
  const text =
    owner?.getProperty("strategy")?.asKind(SyntaxKind.PropertyAssignment)?.getInitializer()?.getText() ??
    '"one_for_one"'
  if (text === '"one_for_one"' || list.getElements().length === 1) return []
  return [
    `${supervisor.getBaseName()} is ${text}: its children fall together, and would not any more; make it one_for_one first`,
  ]
}

/** What stands in the child's line must be known where it goes. */
function arguments_(
  { call, supervisor, definition }: FoundChild,
  goes: ReadonlySet<SourceFile>,
  moved: ReadonlySet<string>,
): readonly string[] {
  return freeNames(call.getDescendantsOfKind(SyntaxKind.Identifier)).flatMap((name) => {
    if (name === "child" || name === definition || GLOBALS.has(name)) return []
    const from = importOf(supervisor, name)
    if (from === undefined)
      return [`its line uses ${name}, which is known only in ${supervisor.getBaseName()}: ${call.getText()}`]
    const target = targetOf(from)
    if (target === undefined || goes.has(target) || moved.has(name)) return []
    return [`its line uses ${name} of ${from.getModuleSpecifierValue()}, which stays: ${call.getText()}`]
  })
}

const GLOBALS: ReadonlySet<string> = new Set(["undefined", "Infinity", "Number", "Math", "process", "URL", "BigInt"])

/** Identifiers that stand for something, without names of properties. */
export function freeNames(identifiers: readonly Identifier[]): readonly string[] {
  const free = identifiers.filter((identifier) => {
    const parent = identifier.getParent()
    if (parent.isKind(SyntaxKind.PropertyAssignment)) return parent.getNameNode() !== identifier
    if (parent.isKind(SyntaxKind.PropertyAccessExpression)) return parent.getNameNode() !== identifier
    return true
  })
  return [...new Set(free.map((identifier) => identifier.getText()))]
}

export const importOf = (file: SourceFile, local: string): Reference | undefined =>
  file.getImportDeclarations().find((one) => namesOf(one).some((bound) => bound.local === local))

function movingTests(
  tests: readonly SourceFile[],
  goes: ReadonlySet<SourceFile>,
  moved: ReadonlySet<string>,
  path: (file: SourceFile) => string,
): { readonly tests: readonly SourceFile[]; readonly stuck: readonly string[] } {
  const moving: SourceFile[] = []
  const stuck: string[] = []
  const isHelper = (file: SourceFile | undefined): boolean => file !== undefined && tests.includes(file)
  for (const file of tests) {
    const own = references(file).filter((one) => targetOf(one) !== undefined)
    const ofChild = (one: Reference): boolean =>
      goes.has(targetOf(one)!) || (namesOf(one).length > 0 && namesOf(one).every(({ exported }) => moved.has(exported)))
    if (!own.some(ofChild)) continue
    const rest = own.filter((one) => !ofChild(one) && !isHelper(targetOf(one)))
    const boots = rest.filter((one) => path(targetOf(one)!) === "src/application.ts")
    if (rest.length === boots.length) moving.push(file)
    else if (boots.length > 0) {
      const others = rest.filter((one) => !boots.includes(one)).map((one) => one.getModuleSpecifierValue())
      stuck.push(
        `${path(file)} tests the child and what stays (${others.join(", ")}) in one application: split it first`,
      )
    }
  }
  // Helpers go when only tests that go use them. A helper of both sides would have to be shared, and tests share nothing.
  for (const file of [...moving]) {
    for (const helper of references(file)
      .map((one) => targetOf(one))
      .filter((one) => one !== undefined && isHelper(one))) {
      if (moving.includes(helper!)) continue
      const users = tests.filter((other) => references(other).some((one) => targetOf(one) === helper))
      const needs = references(helper!).some((one) => targetOf(one) !== undefined && !goes.has(targetOf(one)!))
      if (users.every((other) => moving.includes(other)) && !needs) moving.push(helper!)
      else stuck.push(`${path(file)} uses ${path(helper!)}, as do tests that stay: give each side its own`)
    }
  }
  return { tests: moving, stuck }
}
