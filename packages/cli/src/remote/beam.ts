/** How commands look at a node of the BEAM: as a shell there does, by `rpc`. */
import { type Pid, RpcFailed } from "umbel"
import { beamHelpers } from "../shell/beam.ts"
import { UsageError } from "../usage-error.ts"
import type { Visit } from "./connect.ts"

export interface BeamRow {
  readonly pid: Pid
  readonly title: string
  readonly mailbox: number
  readonly reductions: number
}
interface Beam {
  ps(text: string): Promise<readonly BeamRow[]>
  /** As `umbel ps` prints it, or a registered name. */
  pid(typed: string): Promise<Pid>
  info(process: Pid | string): Promise<Readonly<Record<string, unknown>>>
  kill(process: Pid, reason: unknown): Promise<Pid>
  /** As lines. */
  tree(application: string | undefined): Promise<readonly string[]>
}

/** Each rejects with a UsageError where there is no such process. */
export function onBeam({ visitor, name }: Visit): Beam {
  const helpers = beamHelpers(visitor, name) as unknown as Beam
  const told =
    <Args extends readonly unknown[], T>(ask: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      ask(...args).catch((error: unknown) => {
        if (!(error instanceof RangeError || error instanceof RpcFailed)) throw error
        throw new UsageError(error.message.split(";")[0]!, `umbel ps --node ${name} lists those that are`)
      })
  const { ps, pid, info, kill, tree } = helpers
  return { ps: told(ps), pid: told(pid), info: told(info), kill: told(kill), tree: told(tree) }
}
