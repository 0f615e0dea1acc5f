/**
 * A real Erlang node that evaluates what it is told: one line in, one line out, many at a time.
 *
 * ```ts
 * await using beam = await AskedBeam.start({ name: "b@127.0.0.1", cookie, epmdPort })
 * await beam.ask("global:whereis_name(leader)")        // "undefined"
 * ```
 */
import { BeamNode, type BeamOptions } from "./beam-node.ts"

/** Each line is `Number Expressions.`, evaluated in a process of its own; the answer is `answer Number Term`. */
const LOOP = `
  Answer = fun(Line) ->
    {N, Text} = string:to_integer(Line),
    Value = try
      {ok, Tokens, _} = erl_scan:string(Text),
      {ok, Exprs} = erl_parse:parse_exprs(Tokens),
      {value, V, _} = erl_eval:exprs(Exprs, []), V
    catch C:R -> {C, R} end,
    io:format("answer ~b ~0p~n", [N, Value])
  end,
  Loop = fun(Loop) -> case io:get_line("") of
    eof -> ok;
    Line -> spawn(fun() -> Answer(Line) end), Loop(Loop)
  end end,
  io:format("ready~n"), Loop(Loop).`

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

  /** Evaluates it there, and gives the term as Erlang prints it. Rejects when that is not told within `patienceMs`. */
  async ask(expressions: string, patienceMs?: number): Promise<string> {
    const number = ++this.#questions
    this.#beam.say(`${number} ${expressions}.`)
    const head = `answer ${number} `
    return (await this.#beam.line((line) => line.startsWith(head), patienceMs)).slice(head.length)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#beam[Symbol.asyncDispose]()
  }
}
