/** An umbrella of two applications in a folder of its own: `a` holds a counter, `b` greets, and `a` asks `b`'s package for a word. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { CHECKOUT } from "./umbel.ts"

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable"],
    module: "NodeNext",
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    strict: true,
    skipLibCheck: true,
    composite: true,
    emitDeclarationOnly: true,
    customConditions: ["@umbel/source"],
    types: ["node"],
  },
  include: ["*.ts"],
  references: [],
}
const application = (references: readonly string[]) => ({
  extends: "../../tsconfig.json",
  compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo" },
  include: ["src"],
  references: references.map((path) => ({ path })),
})
const manifest = (name: string, dependencies: object) => ({
  name: `@abc/${name}`,
  version: "0.1.0",
  type: "module",
  exports: { ".": "./src/index.ts" },
  dependencies,
})

export const GREETER = (word: string): string => `import { genServer } from "umbel"

export const greeter = genServer("b.greeter", {
  init: () => ({ greeted: 0 }),
  calls: {
    greet({ state }, who: string) {
      state.greeted++
      return \`${word}, \${who}\`
    },
    greeted: ({ state }) => state.greeted,
  },
})
`
export const WORD = (word: string): string => `export const word = (): string => "${word}"\n`

const FILES: Readonly<Record<string, string | object>> = {
  "package.json": { name: "abc", private: true, type: "module", workspaces: ["apps/*"] },
  "tsconfig.json": TSCONFIG,
  "umbel.config.ts": `export default { releases: { all: { applications: { a: "permanent", b: "permanent" } } }, deployments: { mono: { all: 1 } }, observer: false }\n`,
  "apps/a/package.json": manifest("a", { umbel: "*", "@abc/b": "*" }),
  "apps/a/tsconfig.json": application(["../b"]),
  "apps/a/src/index.ts": `import { name } from "umbel"\nimport type { counter } from "./counter.ts"\n\nexport const COUNTER = name<typeof counter>("counter")\n`,
  "apps/a/src/counter.ts": `import { word } from "@abc/b"
import { genServer } from "umbel"

export const counter = genServer("a.counter", {
  init: () => ({ count: 0 }),
  calls: {
    increment: ({ state }) => ++state.count,
    word: (): string => word(),
  },
})
`,
  "apps/a/src/application.ts": `import { application, child, supervisor } from "umbel"
import { counter } from "./counter.ts"
import { COUNTER } from "./index.ts"

const top = supervisor("a.supervisor", { children: [child(counter, { name: COUNTER })] })
export default application({ name: "a", start: () => top })
`,
  "apps/b/package.json": manifest("b", { umbel: "*" }),
  "apps/b/tsconfig.json": application([]),
  "apps/b/src/index.ts": `import { name } from "umbel"\nimport type { greeter } from "./greeter.ts"\n\nexport { word } from "./word.ts"\nexport const GREETER = name<typeof greeter>("greeter")\n`,
  "apps/b/src/word.ts": WORD("yes"),
  "apps/b/src/greeter.ts": GREETER("hello"),
  "apps/b/src/application.ts": `import { application, child, supervisor } from "umbel"
import { greeter } from "./greeter.ts"
import { GREETER } from "./index.ts"

const top = supervisor("b.supervisor", { children: [child(greeter, { name: GREETER })] })
export default application({ name: "b", start: () => top })
`,
}

/** Its folder; everything is linked from this checkout, so nothing is installed. */
export async function twoApplications(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "umbel-two-"))
  for (const [path, content] of Object.entries(FILES)) await put(root, path, content)
  const link = async (name: string, to: string): Promise<void> => {
    await mkdir(dirname(join(root, "node_modules", name)), { recursive: true })
    await symlink(to, join(root, "node_modules", name))
  }
  await link("umbel", join(CHECKOUT, "packages", "umbel"))
  for (const name of ["cli", "web", "observer"]) await link(`@umbel/${name}`, join(CHECKOUT, "packages", name))
  for (const name of ["typescript", "@types"]) await link(name, join(CHECKOUT, "node_modules", name))
  for (const name of ["a", "b"]) await link(`@abc/${name}`, join(root, "apps", name))
  return root
}

export async function put(root: string, path: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content))
}

export const remove = (root: string): Promise<void> => rm(root, { recursive: true, force: true })
