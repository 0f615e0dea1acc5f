/** Terms as Erlang writes them, beside what they are here. Both directions, and both the recorded and the living `erl`, use this table. */
import {
  atom,
  bitString,
  charlist,
  exported,
  float,
  improper,
  json,
  makeName,
  makePid,
  makePort,
  makeRef,
  tuple,
} from "../../src/term/index.ts"

/** `as`: what comes back, where that is another term than was sent. */
export const VECTORS: readonly { readonly erlang: string; readonly term: unknown; readonly as?: unknown }[] = [
  { erlang: "0", term: 0 },
  { erlang: "0", term: -0 },
  { erlang: "255", term: 255 },
  { erlang: "256", term: 256 },
  { erlang: "-1", term: -1 },
  { erlang: "2147483647", term: 2147483647 },
  { erlang: "-2147483648", term: -2147483648 },
  { erlang: "2147483648", term: 2147483648 },
  { erlang: "-2147483649", term: -2147483649 },
  { erlang: "9007199254740991", term: Number.MAX_SAFE_INTEGER },
  { erlang: "9007199254740992", term: 9007199254740992n },
  { erlang: "-18446744073709551616", term: -(2n ** 64n) },
  { erlang: "1 bsl 3000", term: 2n ** 3000n },
  { erlang: "1.5", term: 1.5 },
  { erlang: "1.0", term: float(1), as: 1 },
  { erlang: "1.0e300", term: 1e300 },
  { erlang: "9007199254740992.0", term: 2 ** 53 },
  { erlang: "5.0e-324", term: 5e-324 },
  { erlang: "<<>>", term: "" },
  { erlang: "<<>>", term: new Uint8Array(0), as: "" },
  { erlang: '<<"text">>', term: "text" },
  { erlang: '<<"né日本𝄞"/utf8>>', term: "né日本𝄞" },
  { erlang: "<<255,254>>", term: Uint8Array.of(255, 254) },
  { erlang: 'binary:copy(<<"é"/utf8>>, 100)', term: "é".repeat(100) },
  { erlang: "<<5:3>>", term: bitString(Uint8Array.of(0b1010_0000), 3) },
  { erlang: "<<1,127:7>>", term: bitString(Uint8Array.of(1, 255), 7) },
  { erlang: "ok", term: atom("ok") },
  { erlang: "''", term: atom("") },
  { erlang: "'né'", term: atom("né") },
  { erlang: "'日本'", term: atom("日本") },
  { erlang: "list_to_atom(lists:duplicate(255, $é))", term: atom("é".repeat(255)) },
  { erlang: "true", term: true },
  { erlang: "false", term: false },
  { erlang: "nil", term: null },
  { erlang: "undefined", term: undefined },
  { erlang: "{}", term: tuple() },
  { erlang: "{a,{b}}", term: tuple(atom("a"), tuple(atom("b"))) },
  { erlang: "list_to_tuple(lists:seq(1,300))", term: tuple(...Array.from({ length: 300 }, (_, i) => i + 1)) },
  { erlang: "[]", term: [] },
  { erlang: '"abc"', term: charlist("abc") },
  { erlang: "[1,[2.5],x]", term: [1, [2.5], atom("x")] },
  { erlang: "[a|b]", term: improper([atom("a")], atom("b")) },
  { erlang: '[1,2|<<"t">>]', term: improper([1, 2], "t") },
  { erlang: "#{}", term: {} },
  { erlang: "#{}", term: new Map(), as: {} },
  { erlang: "#{a => 1, 'b c' => [#{}]}", term: { a: 1, "b c": [{}] } },
  { erlang: "#{'__proto__' => 1}", term: JSON.parse('{"__proto__": 1}') },
  { erlang: "#{true => 1, nil => 2}", term: { true: 1, nil: 2 } },
  {
    erlang: '#{<<"k">> => #{<<"x">> => 1}, 1 => 2}',
    term: new Map<unknown, unknown>([
      ["k", json({ x: 1 })],
      [1, 2],
    ]),
  },
  {
    erlang: "#{1 => a, 1.0 => b}",
    term: new Map<unknown, unknown>([
      [1, atom("a")],
      [float(1), atom("b")],
    ]),
  },
  { erlang: "#{ {1} => a }", term: new Map([[tuple(1), atom("a")]]) },
  {
    erlang: "maps:from_list([{I, I} || I <- lists:seq(1,100)])",
    term: new Map(Array.from({ length: 100 }, (_, i) => [i + 1, i + 1])),
  },
  { erlang: "fun lists:map/2", term: exported("lists", "map", 2) },
  { erlang: 'binary_to_term(<<131,88,119,5,"a@b.c",0,0,0,1,0,0,0,2,0,0,0,3>>)', term: makePid("a@b.c", 1, 2, 3) },
  {
    erlang: 'binary_to_term(<<131,90,0,3,119,5,"a@b.c",0,0,0,3,0,0,0,1,0,0,0,2,0,0,0,3>>)',
    term: makeRef("a@b.c", 3, [1, 2, 3]),
  },
  { erlang: 'binary_to_term(<<131,89,119,5,"a@b.c",0,0,0,9,0,0,0,3>>)', term: makePort("a@b.c", 3, 9n) },
  {
    erlang: 'binary_to_term(<<131,120,119,5,"a@b.c",255,0,0,0,0,0,0,9,0,0,0,3>>)',
    term: makePort("a@b.c", 3, 0xff00_0000_0000_0009n),
  },
  { erlang: "{counter,'a@b'}", term: makeName("counter", "a@b"), as: tuple(atom("counter"), atom("a@b")) },
  {
    erlang:
      "#{'__struct__' => 'Elixir.DateTime', calendar => 'Elixir.Calendar.ISO', year => 2023, month => 11, day => 14, hour => 22, minute => 13, " +
      'second => 20, microsecond => {123000, 3}, time_zone => <<"Etc/UTC">>, zone_abbr => <<"UTC">>, utc_offset => 0, std_offset => 0}',
    term: new Date(1700000000123),
  },
  {
    erlang: "#{'__struct__' => 'Elixir.MapSet', map => #{1 => [], a => []}, version => 2}",
    term: new Set<unknown>([1, atom("a")]),
  },
  {
    erlang: "#{'__struct__' => 'Elixir.RuntimeError', '__exception__' => true, message => <<\"no\">>}",
    term: new Error("no"),
  },
  {
    erlang:
      "#{'__struct__' => 'Elixir.RuntimeError', '__exception__' => true, message => <<\"no\">>, name => <<\"TypeError\">>}",
    term: new TypeError("no"),
  },
]

/** None equal to another; without `undefined`, which `Array.sort` puts last without asking. */
export const UNSORTED = VECTORS.filter(
  ({ as, erlang, term }, i) =>
    as === undefined && term !== undefined && VECTORS.findIndex((v) => v.erlang === erlang) === i,
)
