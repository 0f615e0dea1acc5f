/**
 * A real BEAM node for a test: started with a script, spoken to by its standard output, and gone when the test is.
 *
 * A script says `ready` on a line of its own once it can be talked to; every other line is kept for the test to look at.
 */
import { peers } from "../peers.ts"
import { Program } from "./program.ts"

export interface BeamOptions {
  readonly program: "erl" | "elixir"
  /** The whole name. */
  readonly name: string
  readonly cookie: string
  readonly epmdPort: number
  /** Erlang expressions for `-eval`, or the path of an Elixir script. */
  readonly script: string
  /** The program itself, for another release than the one that tests run with. */
  readonly path?: string
  /** Further arguments of the program, `-kernel net_ticktime 8` for one. */
  readonly flags?: readonly string[]
  /** What an Elixir script finds in `System.argv()`. */
  readonly args?: readonly string[]
}

export class BeamNode extends Program {
  /** Resolves when the script has said `ready`. */
  static async start(options: BeamOptions): Promise<BeamNode> {
    const { program, name, cookie, epmdPort, script, flags = [], args: own = [], path } = options
    const args =
      program === "erl"
        ? ["-noshell", "-name", name, "-setcookie", cookie, ...flags, "-eval", script]
        : ["--name", name, "--cookie", cookie, ...flags, "--no-halt", script, ...own]
    const node = new BeamNode(name, path ?? peers[program === "erl" ? "erlang" : "elixir"] ?? program, args, {
      ERL_EPMD_PORT: String(epmdPort),
      ERL_CRASH_DUMP: "/dev/null",
    })
    await node.line((line) => line === "ready")
    return node
  }
}

/** Runs Erlang expressions on a node of its own, and gives what they printed. */
export async function evaluate(options: Omit<BeamOptions, "program">): Promise<readonly string[]> {
  await using node = await BeamNode.start({
    ...options,
    program: "erl",
    script: `${options.script} io:format("ready~n").`,
  })
  return node.lines.filter((line) => line !== "ready")
}
