/**
 * The files of an application: at most eleven.
 *
 * ```ts
 * applicationFiles({ name: "b", supervised: true, packageName: "@abc/b", umbrella: "abc", source })
 * // [{ path: "package.json", content: … }, { path: "src/application.ts", content: … }, …]
 * ```
 */
import type { Source } from "../project/checkout.ts"
import { type File, packageJson, tidyJson } from "../project/files.ts"
import { casesOf } from "../project/names.ts"
import { BIOME, COMPILER_OPTIONS, configFile, DEVELOPMENT, ENGINES, IGNORED, scripts } from "./umbrella.ts"

export interface ApplicationPlan {
  readonly name: string
  /** With a supervision tree. */
  readonly supervised: boolean
  /** As imports name it: `@abc/b` in an umbrella. */
  readonly packageName: string
  /** The umbrella it lies in; undefined for one that stands alone. */
  readonly umbrella: string | undefined
  readonly source: Source
}

export function applicationFiles(plan: ApplicationPlan): readonly File[] {
  const { name, supervised, umbrella } = plan
  return [
    { path: "package.json", content: manifest(plan) },
    { path: "tsconfig.json", content: typescript(umbrella !== undefined) },
    { path: "README.md", content: readme(plan) },
    ...(umbrella === undefined
      ? [
          { path: "umbel.config.ts", content: configFile([name]) },
          { path: "biome.json", content: BIOME },
          { path: ".gitignore", content: IGNORED },
        ]
      : []),
    { path: "src/application.ts", content: supervised ? supervisedApplication(name) : libraryApplication(name) },
    ...(supervised
      ? [
          { path: "src/supervisor.ts", content: supervisorModule(name) },
          { path: "src/server.ts", content: serverModule(name) },
        ]
      : []),
    { path: "src/index.ts", content: supervised ? supervisedIndex(name) : libraryIndex(name) },
    { path: `test/${casesOf(name).kebab}.test.ts`, content: supervised ? supervisedTest(name) : libraryTest(name) },
  ]
}

function manifest({ packageName, umbrella, source }: ApplicationPlan): string {
  const alone = umbrella === undefined
  return packageJson({
    name: packageName,
    version: "0.1.0",
    private: true,
    type: "module",
    ...(alone ? { engines: ENGINES, scripts: scripts() } : {}),
    exports: { ".": "./src/index.ts" },
    umbel: { application: "src/application.ts" },
    dependencies: source(alone ? ["@umbel/cli", "umbel"] : ["umbel"]),
    ...(alone ? { devDependencies: source(DEVELOPMENT) } : {}),
  })
}

const typescript = (inUmbrella: boolean): string =>
  tidyJson(
    inUmbrella
      ? { extends: "../../tsconfig.json", include: ["src", "test"], references: [] }
      : { compilerOptions: COMPILER_OPTIONS, include: ["*.ts", "src", "test"] },
  )

const readme = ({ name, umbrella, supervised }: ApplicationPlan): string =>
  `# ${name}

${umbrella === undefined ? "An application on Umbel." : `An application of the umbrella ${umbrella}.`}

- \`src/index.ts\`: what other applications may use
- \`src/application.ts\`: how it starts
${supervised ? "- `src/supervisor.ts`: its supervision tree\n" : ""}
\`\`\`sh
${umbrella === undefined ? "umbel up mono   # runs it\n" : ""}umbel test      # its tests
umbel check     # imports, cycles and types
\`\`\`
`

const libraryApplication = (
  name: string,
): string => `/** The application \`${name}\`: a library, as it starts no processes. */
import { application } from "umbel"

export default application({ name: "${name}" })
`
const libraryIndex = (name: string): string => `/** What other applications may use of \`${name}\`. */

/** A beginning. */
export function hello(): string {
  return "world"
}
`
const libraryTest = (name: string): string => `import { expect, test } from "vitest"
import { hello } from "../src/index.ts"

test("${name} greets the world", () => {
  expect(hello()).toBe("world")
})
`

const supervisedApplication = (
  name: string,
): string => `/** The application \`${name}\`: what it is configured with, and the top of its supervision tree. */
import { application } from "umbel"
import { top } from "./supervisor.ts"

export default application({
  name: "${name}",
  start: () => top,
})
`
const supervisorModule = (
  name: string,
): string => `/** The top of the supervision tree of \`${name}\`: starts its children in this order, and those that crash again. */
import { child, supervisor } from "umbel"
import { ${casesOf(name).constant} } from "./index.ts"
import { server } from "./server.ts"

export const top = supervisor("${name}.supervisor", {
  children: [child(server, { arg: "hello", name: ${casesOf(name).constant} })],
})
`
const supervisedIndex = (name: string): string => `/** What other applications may use of \`${name}\`. */
import { name } from "umbel"
import type { server } from "./server.ts"

/** Where its server is registered: \`node.call(${casesOf(name).constant}).greet("Joe")\`. */
export const ${casesOf(name).constant} = name<typeof server>("${name}")
`
const serverModule = (name: string): string => `/**
 * A server, as an example. It is asked by its name, from any node, also from Erlang:
 *
 *     gen_server:call({${name}, 'all@127.0.0.1'}, {greet, <<"Joe">>})
 */
import { genServer } from "umbel"

export const server = genServer("${name}.server", {
  init: (greeting: string) => ({ greeting, greeted: 0 }),
  calls: {
    greet({ state }, who: string) {
      state.greeted++
      return \`\${state.greeting}, \${who}\`
    },
    /** How many were greeted since it started. */
    greeted: ({ state }) => state.greeted,
  },
})
`
const supervisedTest = (name: string): string => {
  const { constant } = casesOf(name)
  return `import { kill } from "umbel"
import { useTestNode } from "umbel/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import application from "../src/application.ts"
import { ${constant} } from "../src/index.ts"

const t = useTestNode({ beforeEach, afterEach }, { applications: [application] })

test("the server greets whoever asks", async () => {
  expect(await t().call(${constant}).greet("Joe")).toBe("hello, Joe")
  expect(await t().call(${constant}).greeted()).toBe(1)
})

test("a server that was killed is started again, with nothing remembered", async () => {
  await t().call(${constant}).greet("Joe")
  const first = t().whereis(${constant})
  if (first === undefined) throw new Error("it does not run")
  t().node.exit(first, kill)
  await t().expectDown(first)
  await t().settled()
  expect(await t().call(${constant}).greeted()).toBe(0)
})
`
}
