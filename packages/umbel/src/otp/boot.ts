/**
 * Booting: a platform and a name become a node with its applications. The platforms (`nodejs`, `sim`) put their distribution between.
 */
import type { Node } from "../runtime/index.ts"
import type { Application } from "./application.ts"
import { ApplicationController, type ApplicationType } from "./application-controller.ts"
import { type Placement, setPlacement } from "./placement.ts"

export interface ApplicationOptions {
  /** Started in order of need, before boot resolves. */
  readonly applications?: readonly Application[] | undefined
  /** Which nodes run what, for {@link locate}. */
  readonly placement?: Placement | undefined
  /** What the end of an application means to the node; `temporary` unless told. */
  readonly types?: Readonly<Record<string, ApplicationType>> | undefined
}

/**
 * Starts the applications on a node. When one fails the node is stopped and the failure passed on.
 * @throws ApplicationFailed, DependencyCycle
 */
export async function startApplications(
  node: Node,
  options: ApplicationOptions,
  nodeEnds: (application: string, reason: unknown) => void,
): Promise<ApplicationController> {
  setPlacement(node, options.placement ?? {})
  const controller = new ApplicationController(node, nodeEnds)
  try {
    await controller.start(options.applications ?? [], options.types)
  } catch (thrown) {
    await node.stop()
    throw thrown
  }
  return controller
}
