/**
 * Which nodes come and go, as Erlang nodes tell it (`net_kernel:monitor_nodes`): all of them tell one of them, so that a test can say what
 * an answer waited for, and needs no clock.
 *
 * ```ts
 * const news = await NodeNews.of(b1, b2)
 * await b1.ask("global:sync()")
 * await news.all()                                    // ["b1@127.0.0.1 down u@127.0.0.1 net_tick_timeout", …]
 * ```
 */
import type { AskedBeam } from "./asked-beam.ts"

/** Keeps what it is told: `{news, Text}`, and answers `{look, Pid}`. Registered, as it is told by others too. */
const KEEPER = `
  Keep = fun(Keep, Seen) -> receive
    {news, Text} -> Keep(Keep, [Text | Seen]);
    {look, From} -> From ! {seen, lists:reverse(Seen)}, Keep(Keep, Seen)
  end end,
  true = register(node_news, spawn(fun() -> Keep(Keep, []) end)), ready`

/** Tells the keeper each node that comes or goes. */
const watcher = (home: string): string => `
  Home = '${home}', Self = self(),
  Tell = fun(What, Node, Why) ->
    {node_news, Home} ! {news, lists:flatten(io_lib:format("~s ~s ~s ~0p", [node(), What, Node, Why]))} end,
  Watch = fun(Watch) -> receive
    {nodeup, Node, _} -> Tell(up, Node, none);
    {nodedown, Node, Info} -> Tell(down, Node, proplists:get_value(nodedown_reason, Info))
  end, Watch(Watch) end,
  spawn(fun() -> ok = net_kernel:monitor_nodes(true, [{node_type, all}, nodedown_reason]), Self ! watching, Watch(Watch) end),
  receive watching -> ready end`

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").trim()

export class NodeNews {
  readonly #home: AskedBeam

  private constructor(home: AskedBeam) {
    this.#home = home
  }

  /** The first of them keeps what all of them tell. */
  static async of(home: AskedBeam, ...others: readonly AskedBeam[]): Promise<NodeNews> {
    const scripts: [AskedBeam, string][] = [[home, KEEPER]]
    for (const node of [home, ...others]) scripts.push([node, watcher(home.name)])
    for (const [node, script] of scripts) {
      const answer = await node.ask(oneLine(script))
      if (answer !== "ready") throw new Error(`${node.name} cannot tell of nodes: ${answer}`)
    }
    return new NodeNews(home)
  }

  /** All that has been told. */
  async all(): Promise<readonly string[]> {
    const seen = await this.#home.ask("node_news ! {look, self()}, receive {seen, Seen} -> Seen end")
    return seen === "[]" ? [] : [...seen.matchAll(/"([^"]*)"/g)].map(([, text = ""]) => text)
  }
}
