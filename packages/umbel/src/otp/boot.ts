/**
 * Booting: a platform and a name become a node with its applications. The platforms (`nodejs`, `sim`) put their distribution between.
 */
import type { Node } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import type { Application } from "./application.ts"
import { ApplicationController, type ApplicationType } from "./application-controller.ts"
import { ConfigError, isPlain } from "./config.ts"
import type { ConfigByApplication, Environment } from "./config-layers.ts"
import { type Placement, setPlacement } from "./placement.ts"

export interface ApplicationOptions {
  /** Started in order of need, before boot resolves. */
  readonly applications?: readonly Application[] | undefined
  /** Known and not started, with what they need: to be started by name while the node runs, from the observer say. OTP's `application:load`. */
  readonly load?: readonly Application[] | undefined
  /** Which nodes run what, for {@link locate}. */
  readonly placement?: Placement | undefined
  /** What the end of an application means to the node; `temporary` unless told. */
  readonly types?: Readonly<Record<string, ApplicationType>> | undefined
  /**
   * What is known only where the node runs, put over the applications' own configuration: parts of it by application, or a function that makes them. For
   * applications that do not run here it says nothing.
   */
  readonly config?: RuntimeConfig | undefined
  /** What to call that in errors and explanations: the path of its file, say. */
  readonly configOrigin?: string | undefined
  /** Variables like `UMBEL_SHOP_LIMIT`, which count most. */
  readonly env?: Environment | undefined
  /** Milliseconds each application may take to stop, before what is left of it is killed; as long as its children may take, and 30,000 at least, unless told. */
  readonly stopTimeoutMs?: number | undefined
}

/** Their names, for those who refuse others. @internal */
export const APPLICATION_OPTIONS: readonly (keyof ApplicationOptions)[] = [
  "applications",
  "load",
  "placement",
  "types",
  "config",
  "configOrigin",
  "env",
  "stopTimeoutMs",
]

export interface RuntimeContext {
  /** The node's name. */
  readonly node: string
  readonly env: Environment
}
export type RuntimeConfig =
  | ConfigByApplication
  | ((context: RuntimeContext) => ConfigByApplication | Promise<ConfigByApplication>)

/**
 * Starts the applications on a node. When one fails the node is stopped and the failure passed on.
 * @throws ApplicationFailed, DependencyCycle, ConfigError
 */
export async function startApplications(
  node: Node,
  options: ApplicationOptions,
  nodeEnds: (application: string, reason: unknown) => void,
): Promise<ApplicationController> {
  setPlacement(node, options.placement ?? {})
  try {
    const { env = {}, configOrigin, stopTimeoutMs } = options
    const config = await runtimeConfig(node, options.config, env, configOrigin)
    const controller = new ApplicationController(node, nodeEnds, {
      sources: { env, config, configOrigin },
      stopTimeoutMs,
    })
    controller.load(options.load ?? [])
    await controller.start(options.applications ?? [], options.types)
    return controller
  } catch (thrown) {
    await node.stop()
    throw thrown
  }
}

async function runtimeConfig(
  node: Node,
  given: RuntimeConfig | undefined,
  env: Environment,
  origin = "boot's config",
): Promise<ConfigByApplication> {
  const config: unknown = typeof given === "function" ? await given({ node: node.name, env }) : given
  if (config === undefined) return {}
  if (!isPlain(config))
    throw new ConfigError("", `expected an object with a part for each application, got ${inspect(config)}`, origin)
  return config as ConfigByApplication
}
