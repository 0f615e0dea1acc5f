/** What `umbel.config.ts` needs of the command. */
export { type Deployment, defineUmbrella, type Release, type Umbrella } from "./umbrella.ts"
