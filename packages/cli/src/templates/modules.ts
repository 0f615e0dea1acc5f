/**
 * What `umbel gen` writes into an application: a module, mostly a test of it, and, where it is a process, a line for the supervision tree.
 *
 * ```ts
 * moduleOf("server", "room-server", "chat")
 * // { files: [src/room-server.ts, test/room-server.test.ts], child: { line: "import …", child: "child(roomServer, …)", first: false } }
 * ```
 */
import type { File } from "../project/files.ts"
import { type Cases, casesOf } from "../project/names.ts"

/** For `children: […]` in `src/supervisor.ts`. */
export interface ChildLine {
  readonly line: string
  readonly child: string
  /** Before the others, as they use it. */
  readonly first: boolean
}
export interface Module {
  readonly files: readonly File[]
  readonly child: ChildLine | undefined
}

export const MODULES = ["server", "statem", "supervisor", "dynamic-supervisor", "task", "registry"] as const
export type ModuleKind = (typeof MODULES)[number]

export function moduleOf(kind: ModuleKind, name: string, application: string): Module {
  const cases = casesOf(name)
  const { source, test } = TEMPLATES[kind](cases, application)
  return {
    files: [
      { path: `src/${cases.kebab}.ts`, content: source },
      ...(test === undefined ? [] : [{ path: `test/${cases.kebab}.test.ts`, content: test }]),
    ],
    child: childOf(kind, cases),
  }
}

/** Whether the processes of that kind are found by a name. */
const NAMED: ReadonlySet<ModuleKind> = new Set(["server", "statem", "dynamic-supervisor"])

function childOf(kind: ModuleKind, { kebab, camel, constant }: Cases): ChildLine | undefined {
  if (kind === "task") return undefined
  if (kind === "registry") {
    return { line: `import { ${constant} } from "./${kebab}.ts"`, child: `child(${constant})`, first: true }
  }
  const named = NAMED.has(kind)
  const imported = named ? `${constant}, ${camel}` : camel
  return {
    line: `import { ${imported} } from "./${kebab}.ts"`,
    child: named ? `child(${camel}, { name: ${constant} })` : `child(${camel})`,
    first: false,
  }
}

type Template = (cases: Cases, application: string) => { readonly source: string; readonly test?: string }

const TEMPLATES: Readonly<Record<ModuleKind, Template>> = {
  server: ({ kebab, camel, constant, snake }, application) => ({
    source: `/** The server \`${kebab}\`: what it does, in a sentence. */
import { genServer, name } from "umbel"

export const ${camel} = genServer("${application}.${snake}", {
  init: () => ({ count: 0 }),
  calls: {
    increment({ state }, by: number) {
      state.count += by
      return state.count
    },
    get: ({ state }) => state.count,
  },
  casts: {
    reset({ state }) {
      state.count = 0
    },
  },
})

/** Where it is registered. */
export const ${constant} = name<typeof ${camel}>("${snake}")
`,
    test: testOf(
      `import { ${constant}, ${camel} } from "../src/${kebab}.ts"`,
      `test("${kebab} counts, and begins anew when told", async () => {
  await t().startSupervised(${camel}, { name: ${constant} })
  expect(await t().call(${constant}).increment(2)).toBe(2)
  t().cast(${constant}).reset()
  expect(await t().call(${constant}).get()).toBe(0)
})`,
    ),
  }),

  statem: ({ kebab, camel, constant, snake }, application) => ({
    source: `/** The state machine \`${kebab}\`: in which states it can be, and what it answers in each. */
import { type Api, genStatem, name } from "umbel"

export interface ${pascal(camel)}Api extends Api {
  calls: { push(): "on" | "off" }
  casts: { reset(): void }
}

export const ${camel} = genStatem<${pascal(camel)}Api>()("${application}.${snake}", {
  init: () => ({ state: "off", data: { pushed: 0 } }),
  states: {
    off: {
      calls: {
        push(self) {
          self.next("on", { pushed: self.data.pushed + 1 })
          return "on"
        },
      },
    },
    on: {
      // Off by itself, unless it is pushed first.
      enter: (self) => self.stateTimeout(60_000),
      timeout: (self) => self.next("off"),
      calls: {
        push(self) {
          self.next("off")
          return "off"
        },
      },
    },
  },
  // In whichever state it is, where that has nothing of its own.
  any: { casts: { reset: (self) => self.next("off") } },
})

/** Where it is registered. */
export const ${constant} = name<${pascal(camel)}Api>("${snake}")
`,
    test: testOf(
      `import { ${constant}, ${camel} } from "../src/${kebab}.ts"`,
      `test("${kebab} is pushed on and off", async () => {
  await t().startSupervised(${camel}, { name: ${constant} })
  expect(await t().call(${constant}).push()).toBe("on")
  expect(await t().call(${constant}).push()).toBe("off")
})`,
    ),
  }),

  supervisor: ({ kebab, camel, snake }, application) => ({
    source: `/** The supervisor \`${kebab}\`: what stands and falls together. */
import { supervisor } from "umbel"

export const ${camel} = supervisor("${application}.${snake}", {
  strategy: "one_for_one",
  children: [],
})
`,
  }),

  "dynamic-supervisor": ({ kebab, camel, constant, snake }, application) => ({
    source: `/**
 * The supervisor \`${kebab}\`, whose children are started on request:
 *
 *     const pid = await self.call(${constant}).startChild(child(server, { arg: "a", restart: "temporary" }))
 */
import { dynamicSupervisor, name } from "umbel"

export const ${camel} = dynamicSupervisor("${application}.${snake}", { maxChildren: 1_000 })

/** Where it is registered. */
export const ${constant} = name<typeof ${camel}>("${snake}")
`,
    test: testOf(
      `import { ${constant}, ${camel} } from "../src/${kebab}.ts"`,
      `test("${kebab} has no children to begin with", async () => {
  await t().startSupervised(${camel}, { name: ${constant} })
  expect(await t().call(${constant}).countChildren()).toEqual({ active: 0 })
})`,
    ),
  }),

  task: ({ kebab, camel }) => ({
    source: `/**
 * The task \`${kebab}\`: computes a value in a process of its own, while whoever started it goes on.
 *
 *     const task = ${camel}(self, "a text")
 *     const value = await Task.await(self, task)
 */
import type { Node, Process } from "umbel"
import { Task } from "umbel/otp"

export function ${camel}(self: Process | Node, text: string): Task<number> {
  return Task.async(self, () => text.length)
}
`,
    test: `import { Task } from "umbel/otp"
import { useTestNode } from "umbel/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ${camel} } from "../src/${kebab}.ts"

const t = useTestNode({ beforeEach, afterEach })

test("${kebab} computes its value", async () => {
  const { node } = t()
  expect(await Task.await(node, ${camel}(node, "hello"))).toBe(5)
})
`,
  }),

  registry: ({ kebab, constant, snake }, application) => ({
    source: `/**
 * The registry \`${kebab}\`: processes of this node found by a key.
 *
 *     child(server, { arg: "lobby", name: via(${constant}, "lobby") })
 */
import { registry } from "umbel"

export const ${constant} = registry<string>("${application}.${snake}", { keys: "unique" })
`,
    test: `import { Registry } from "umbel"
import { useTestNode } from "umbel/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ${constant} } from "../src/${kebab}.ts"

const t = useTestNode({ beforeEach, afterEach })

test("${kebab} knows nobody to begin with", async () => {
  await t().startSupervised(${constant})
  expect(Registry.count(t().node, ${constant})).toBe(0)
})
`,
  }),
}

const pascal = (camel: string): string => camel[0]!.toUpperCase() + camel.slice(1)

const testOf = (imported: string, body: string): string => `import { useTestNode } from "umbel/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
${imported}

const t = useTestNode({ beforeEach, afterEach })

${body}
`
