/** The files of one application as ts-morph has them, and how they refer to each other: by relative paths, which are all that is looked at here. */
import { dirname, join, resolve } from "node:path"
import { type ExportDeclaration, type ImportDeclaration, Project, type SourceFile, SyntaxKind } from "ts-morph"

/** Every source of the application, tests included. Nothing of it is written by ts-morph. */
export function sourcesOf(folder: string): Project {
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: { allowImportingTsExtensions: true, noEmit: true },
  })
  project.addSourceFilesAtPaths([join(folder, "src/**/*.{ts,tsx}"), join(folder, "test/**/*.{ts,tsx}")])
  return project
}

export type Reference = ImportDeclaration | ExportDeclaration

/** The declarations by which a file refers to others. */
export const references = (file: SourceFile): readonly Reference[] => [
  ...file.getImportDeclarations(),
  ...file.getExportDeclarations().filter((declaration) => declaration.hasModuleSpecifier()),
]

/** The file of the same application that it leads to; undefined for packages. */
export function targetOf(reference: Reference): SourceFile | undefined {
  const specifier = reference.getModuleSpecifierValue()
  if (specifier === undefined || !specifier.startsWith(".")) return undefined
  const from = reference.getSourceFile()
  return from.getProject().getSourceFile(resolve(dirname(from.getFilePath()), specifier))
}

export interface Bound {
  /** As the other file exports it; `default` and `*` are what they are. */
  readonly exported: string
  readonly local: string
  readonly typeOnly: boolean
}

/** The names that a reference brings. */
export function namesOf(reference: Reference): readonly Bound[] {
  if (reference.isKind(SyntaxKind.ExportDeclaration)) {
    const typeOnly = reference.isTypeOnly()
    if (reference.isNamespaceExport()) return [{ exported: "*", local: "*", typeOnly }]
    return reference.getNamedExports().map((one) => ({
      exported: one.getName(),
      local: one.getAliasNode()?.getText() ?? one.getName(),
      typeOnly: typeOnly || one.isTypeOnly(),
    }))
  }
  const typeOnly = reference.isTypeOnly()
  const all = reference.getNamespaceImport()
  const whole = reference.getDefaultImport()
  return [
    ...(all === undefined ? [] : [{ exported: "*", local: all.getText(), typeOnly }]),
    ...(whole === undefined ? [] : [{ exported: "default", local: whole.getText(), typeOnly }]),
    ...reference.getNamedImports().map((one) => ({
      exported: one.getName(),
      local: one.getAliasNode()?.getText() ?? one.getName(),
      typeOnly: typeOnly || one.isTypeOnly(),
    })),
  ]
}

/** What `import(…)` in it leads to, within the application. */
export function dynamicTargets(file: SourceFile): readonly SourceFile[] {
  return file.getDescendantsOfKind(SyntaxKind.CallExpression).flatMap((call) => {
    const [argument] = call.getArguments()
    if (call.getExpression().getKind() !== SyntaxKind.ImportKeyword || !argument?.isKind(SyntaxKind.StringLiteral))
      return []
    const found = file.getProject().getSourceFile(resolve(dirname(file.getFilePath()), argument.getLiteralValue()))
    return found === undefined ? [] : [found]
  })
}
