%% A member of the soak on a BEAM node: groups joined and left, servers of the others called, and a line for each node that goes.
-module(soak).
-export([start/1, quiet/0, counts/0]).

start(Others) ->
    {ok, _} = pg:start(soak),
    spawn(fun() -> register(echo, self()), echo() end),
    spawn(fun() -> ok = net_kernel:monitor_nodes(true, [nodedown_reason, {node_type, all}]), news() end),
    spawn(fun() -> register(soak_load, self()), load(Others, [], 0, 0) end),
    ok.

quiet() -> soak_load ! {quiet, self()}, receive quiet -> ok end.
counts() -> soak_load ! {counts, self()}, receive {counts, Counts} -> Counts end.

echo() ->
    receive {'$gen_call', {From, Tag}, Request} -> From ! {Tag, Request}, echo(); _ -> echo() end.

news() ->
    receive
        {nodedown, Node, Info} -> io:format("nodedown ~s ~0p~n", [Node, proplists:get_value(nodedown_reason, Info)]);
        _ -> ok
    end,
    news().

load(Others, Members, Good, Bad) ->
    receive
        {quiet, From} -> From ! quiet, resting(Others, Good, Bad);
        {counts, From} -> From ! {counts, {Good, Bad}}, load(Others, Members, Good, Bad)
    after 20 ->
        Node = lists:nth(rand:uniform(length(Others)), Others),
        Outcome = try gen_server:call({echo, Node}, {ping, binary:copy(<<"x">>, rand:uniform(2000))}, 1000) of {ping, _} -> good catch _:_ -> bad end,
        Left = case rand:uniform(10) of
            1 when length(Members) < 20 ->
                Pid = spawn(fun() -> receive stop -> ok end end), pg:join(soak, rand:uniform(5), Pid), [Pid | Members];
            2 when Members =/= [] -> [Pid | Rest] = Members, Pid ! stop, Rest;
            _ -> Members
        end,
        case Outcome of good -> load(Others, Left, Good + 1, Bad); bad -> load(Others, Left, Good, Bad + 1) end
    end.

resting(Others, Good, Bad) ->
    receive {counts, From} -> From ! {counts, {Good, Bad}} after 1000 -> [net_kernel:connect_node(N) || N <- Others] end,
    resting(Others, Good, Bad).
