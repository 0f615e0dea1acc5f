/** What `umbel.config.ts` needs of the command. */

export {
  defineRuntime,
  type Environment,
  type Runtime,
  type RuntimeConfig,
  type RuntimeNode,
} from "./release/runtime-config.ts"
export { type Deployment, defineUmbrella, type Release, type Umbrella } from "./umbrella.ts"
