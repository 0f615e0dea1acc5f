/** Finds a child in the supervision trees of an application, as its code has them: `child(roomServer, { … })` in a list of `children`. */
import { basename } from "node:path"
import { type ArrayLiteralExpression, type CallExpression, type Project, type SourceFile, SyntaxKind } from "ts-morph"
import { casesOf } from "../project/names.ts"
import { UsageError } from "../usage-error.ts"
import { namesOf, references, targetOf } from "./sources.ts"

export interface FoundChild {
  /** `child(roomServer, { name: ROOMS })` */
  readonly call: CallExpression
  readonly list: ArrayLiteralExpression
  /** The file of the supervisor. */
  readonly supervisor: SourceFile
  /** The name of the definition in that file. */
  readonly definition: string
  /** The module that defines it. */
  readonly module: SourceFile
}

/** @throws UsageError naming the children there are, when it is none of them or several */
export function findChild(project: Project, folder: string, typed: string): FoundChild {
  const all = project
    .getSourceFiles()
    .filter((file) => file.getFilePath().startsWith(`${folder}/src/`))
    .flatMap(childrenOf)
  const wanted = all.filter(({ definition, module }) => {
    const file = basename(module.getFilePath()).replace(/\.tsx?$/, "")
    return definition === typed || file === typed || definition === casesOf(typed).camel
  })
  if (wanted.length === 1) return wanted[0]!
  const names = [...new Set(all.map(({ definition }) => definition))].join(", ") || "none that could be moved"
  throw new UsageError(
    wanted.length === 0
      ? `no supervisor of ${basename(folder)} has a child ${typed}`
      : `${typed} is the child of ${wanted.length} supervisors`,
    `children: ${names}`,
  )
}

function childrenOf(supervisor: SourceFile): readonly FoundChild[] {
  const lists = supervisor
    .getDescendantsOfKind(SyntaxKind.PropertyAssignment)
    .filter((property) => property.getName() === "children")
    .flatMap((property) => property.getInitializerIfKind(SyntaxKind.ArrayLiteralExpression) ?? [])
  return lists.flatMap((list) =>
    list.getElements().flatMap((element) => {
      const call = element.asKind(SyntaxKind.CallExpression)
      const [first] = call?.getArguments() ?? []
      if (call?.getExpression().getText() !== "child" || !first?.isKind(SyntaxKind.Identifier)) return []
      const definition = first.getText()
      const module = moduleOf(supervisor, definition)
      return module === undefined ? [] : [{ call, list, supervisor, definition, module }]
    }),
  )
}

/** The file that a name is imported from. */
function moduleOf(file: SourceFile, local: string): SourceFile | undefined {
  const reference = references(file).find((one) => namesOf(one).some((bound) => bound.local === local))
  return reference === undefined ? undefined : targetOf(reference)
}
