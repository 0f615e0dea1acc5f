/**
 * A node of a simulated world: an ordinary node, but that the world knows which of its promises code outside processes holds.
 *
 * While one of them is unsettled the world's time runs. A node that crashes will settle none of them any more: they reject with {@link NodeCrashed}.
 */
import {
  type Api,
  CallBroker,
  type CallOptions,
  type Definition,
  Node,
  type NodeOptions,
  type Platform,
  type Process,
  type StartOptions,
} from "../runtime/index.ts"
import type { Atom, Pid, Target } from "../term/index.ts"

/** What was awaited was to come from a node whose operating-system process is no more. */
export class NodeCrashed extends Error {
  override readonly name = "NodeCrashed"
  constructor(node: string) {
    super(`${node} has crashed; nothing that was awaited from it will come`)
  }
}

/** How many promises outside code holds, so that the world knows whether its time has to run. */
export interface Outside {
  awaited: number
  /** Told when one more is awaited. */
  onAwaited(): void
}

export class SimulatedNode extends Node {
  readonly #outside: Outside
  readonly #rejects = new Set<(error: Error) => void>()
  #crashed = false

  constructor(platform: Platform, options: NodeOptions, outside: Outside) {
    super(platform, options)
    this.#outside = outside
  }

  /** The same outcome; until it is there the world's time runs. @internal */
  override awaited<T>(work: Promise<T>): Promise<T> {
    if (this.#crashed) return Promise.reject(new NodeCrashed(this.name))
    return new Promise<T>((resolve, reject) => {
      this.#outside.awaited++
      const done = (): void => {
        if (this.#rejects.delete(crash)) this.#outside.awaited--
      }
      const crash = (error: Error): void => {
        done()
        reject(error)
      }
      this.#rejects.add(crash)
      work.then(
        (value) => {
          done()
          resolve(value)
        },
        (error: unknown) => {
          done()
          reject(error)
        },
      )
      this.#outside.onAwaited()
    })
  }

  /** @internal */ crashed(): void {
    this.#crashed = true
    this.broken(new NodeCrashed(this.name))
  }
  /** What is awaited from this node will not come. @internal */
  broken(error: Error): void {
    for (const reject of [...this.#rejects]) reject(error)
  }

  override start<Arg, A extends Api>(
    definition: Definition<Arg, A>,
    ...options: StartOptions<Arg, A>
  ): Promise<Pid<A>> {
    return this.awaited(super.start(definition, ...options))
  }
  /** @internal */ protected override makeCalls(): CallBroker {
    return new AwaitedCalls(this)
  }
  override connect(node: string): Promise<boolean> {
    return this.awaited(super.connect(node))
  }
  override ready(to: Target): Promise<void> {
    return this.awaited(super.ready(to))
  }
  /** Nothing is left to stop of a node that has crashed. */
  override stop(): Promise<void> {
    if (this.#crashed) return Promise.resolve()
    return this.awaited(super.stop())
  }
}

/** Calls whose answers the world runs for, when it is code outside processes that waits for them. */
class AwaitedCalls extends CallBroker {
  readonly #node: SimulatedNode

  constructor(node: SimulatedNode) {
    super(node)
    this.#node = node
  }

  override invoke(
    caller: Process,
    target: Target,
    request: string | undefined,
    args: unknown[],
    options: CallOptions | undefined,
  ): Promise<unknown> {
    const answer = super.invoke(caller, target, request, args, options)
    return caller === this.#node.root ? this.#node.awaited(answer) : answer
  }
  override askAs(
    label: Atom,
    caller: Process,
    target: Target,
    request: unknown,
    options?: CallOptions,
  ): Promise<unknown> {
    const answer = super.askAs(label, caller, target, request, options)
    return caller === this.#node.root ? this.#node.awaited(answer) : answer
  }
}
