%% The BEAM's side of the benchmarks: one row, run as often as it is told to on standard input.
%%
%%     erl -noshell -pa EBIN -run bench main local_call
%%     > ready {}
%%     < run 100000
%%     > done 181818181.0
%%
%% The protocol is that of ../worker.mjs: `done` tells nanoseconds (bytes, for memory), `failed` a sentence. The end of the input is
%% the end of the node, so that nothing outlives whoever asked.
-module(bench).
-export([main/1]).

main([Row | Args]) ->
    {ok, _} = bench_sup:start_link(),
    Run = job(list_to_atom(Row), Args),
    io:format("ready {}~n"),
    serve(Run).

job(local_call, []) -> fun(Count) -> bench_calls:increments(counter, 1, Count) end;
job(local_call_object, []) -> fun(Count) -> bench_calls:echoes(counter, Count) end;
job(ping_pong, []) -> bench_ping_pong:job();
job(start, []) -> fun bench_starts:time/1;
job(million, []) -> fun bench_many:million/1;
job(flood, []) -> fun bench_many:flood/1;
job(memory, []) -> fun bench_starts:memory/1;
job(encode, [Hex]) -> bench_terms:encode_job(Hex);
job(decode, [Hex]) -> bench_terms:decode_job(Hex);
job(remote_call, [Node, Callers]) ->
    Target = {counter, connected(Node)},
    fun(Count) -> bench_calls:increments(Target, list_to_integer(Callers), Count) end;
job(remote_cast, [Node]) ->
    Target = {counter, connected(Node)},
    fun(Count) -> bench_calls:casts(Target, Count) end;
job(remote_blobs, [Node, Size]) ->
    Target = {counter, connected(Node)},
    fun(Count) -> bench_calls:blobs(Target, Count, list_to_integer(Size)) end;
job(remote_cast_cpu, [Node]) ->
    Target = {counter, connected(Node)},
    fun(Count) -> bench_calls:cpu_of(Target, fun() -> bench_calls:casts(Target, Count) end) end;
%% The other end of the remote rows: the counter runs under its supervisor, and that is all.
job(server, []) -> fun(_Count) -> error(a_server_runs_nothing) end.

connected(Name) ->
    Node = list_to_atom(Name),
    true = net_kernel:connect_node(Node),
    Node.

serve(Run) ->
    case io:get_line("") of
        "run " ++ Count ->
            case timed(Run, list_to_integer(string:trim(Count))) of
                {ok, Value} -> io:format("done ~w~n", [Value]);
                {failed, Why} -> io:format("failed ~0p~n", [Why])
            end,
            serve(Run);
        eof ->
            halt(0)
    end.

%% In a fresh process, as most work on a BEAM is: its heap is its own, and gone afterwards.
timed(Run, Count) ->
    {_, Monitor} = spawn_monitor(fun() -> exit({value, Run(Count)}) end),
    receive
        {'DOWN', Monitor, process, _, {value, Value}} -> {ok, Value};
        {'DOWN', Monitor, process, _, Why} -> {failed, Why}
    end.
