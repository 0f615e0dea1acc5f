/**
 * A real Erlang node that evaluates what it is told: one line in, one line out, many at a time.
 *
 * ```ts
 * await using beam = await AskedBeam.start({ name: "b@127.0.0.1", cookie, epmdPort })
 * await beam.ask("global:whereis_name(leader)")        // "undefined"
 * ```
 */
import { BeamNode, type BeamOptions } from "./beam-node.ts"

/** Each line is `Number Expressions.`, evaluated in a process of its own; the answer is `answer Number Milliseconds Term`. */
const LOOP = `
  Answer = fun(Line) ->
    {N, Text} = string:to_integer(Line),
    From = erlang:monotonic_time(millisecond),
    Value = try
      {ok, Tokens, _} = erl_scan:string(Text),
      {ok, Exprs} = erl_parse:parse_exprs(Tokens),
      {value, V, _} = erl_eval:exprs(Exprs, []), V
    catch C:R -> {C, R} end,
    io:format("answer ~b ~b ~0p~n", [N, erlang:monotonic_time(millisecond) - From, Value])
  end,
  Loop = fun(Loop) -> case io:get_line("") of
    eof -> ok;
    Line -> spawn(fun() -> Answer(Line) end), Loop(Loop)
  end end,
  io:format("ready~n"), Loop(Loop).`

export interface Answer {
  /** The term, as Erlang prints it. */
  readonly term: string
  /** How long it took there. */
  readonly ms: number
}

export class AskedBeam implements AsyncDisposable {
  readonly #beam: BeamNode
  #questions = 0

  private constructor(beam: BeamNode) {
    this.#beam = beam
  }

  static async start(options: Omit<BeamOptions, "program" | "script">): Promise<AskedBeam> {
    return new AskedBeam(await BeamNode.start({ ...options, program: "erl", script: LOOP }))
  }

  get name(): string {
    return this.#beam.name
  }
  get pid(): number | undefined {
    return this.#beam.pid
  }
  /** The first line it says, past or to come, that fits. */
  line(fits: (line: string) => boolean): Promise<string> {
    return this.#beam.line(fits)
  }

  /** Evaluates it there, and tells how long that took. */
  async timed(expressions: string): Promise<Answer> {
    const number = ++this.#questions
    this.#beam.say(`${number} ${expressions}.`)
    const head = `answer ${number} `
    const line = await this.line((one) => one.startsWith(head))
    const [, ms = "", term = ""] = /^(\d+) (.*)$/.exec(line.slice(head.length)) ?? []
    return { term, ms: Number(ms) }
  }
  async ask(expressions: string): Promise<string> {
    return (await this.timed(expressions)).term
  }
  /** Evaluates it there, and tells besides how often that node was given up for gone (`nodedown`) until the answer was there. */
  async until(expressions: string, gone: string): Promise<Answer & { readonly givenUp: number }> {
    const counted = `fun C(N) -> receive {nodedown, '${gone}', _} -> C(N + 1) after 0 -> N end end(0)`
    const { term, ms } = await this.timed(
      `net_kernel:monitor_nodes(true, [{node_type, all}]), V = begin ${expressions} end, {V, ${counted}}`,
    )
    const [, value = term, givenUp = "NaN"] = /^\{(.*),(\d+)\}$/.exec(term) ?? []
    return { term: value, ms, givenUp: Number(givenUp) }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#beam[Symbol.asyncDispose]()
  }
}

/** A program that is stopped, and runs on when it is disposed. */
export function stopped(program: { readonly pid: number | undefined }): Disposable {
  process.kill(program.pid!, "SIGSTOP")
  return { [Symbol.dispose]: () => void process.kill(program.pid!, "SIGCONT") }
}
