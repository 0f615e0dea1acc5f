export { child, name, refuse, type From } from "./index.ts"
export * from "./gen-statem.ts"
export type { Api, Caller } from "../runtime/index.ts"
export { tuple } from "../term/index.ts"
