/** Names and locks of the whole cluster. */
export {
  Aborted,
  Global,
  type GlobalFunctions,
  global,
  type LockOptions,
  NoGlobal,
  type RegisterOptions,
} from "./global.ts"
export { type NameServer, nameServerOf } from "./name-server.ts"
export { notifyAllName, type Resolver, randomExitName, randomNotifyName } from "./resolvers.ts"
export { type GlobalStart, startGlobal } from "./start.ts"
