%% A number goes to the other process and comes back, as often as asked: `!` and `receive` between two registered, linked processes.
-module(bench_ping_pong).
-export([job/0]).

job() ->
    Pong = spawn_link(fun pong/0),
    register(pong, Pong),
    fun(Count) ->
        register(ping, self()),
        Pong ! {from, self()},
        Start = erlang:monotonic_time(nanosecond),
        ping(Pong, Count),
        Took = erlang:monotonic_time(nanosecond) - Start,
        Pong ! {count, self()},
        receive {returned, Count} -> Took end
    end.

ping(_, 0) -> ok;
ping(Pong, N) ->
    Pong ! N,
    receive N -> ping(Pong, N - 1) end.

pong() ->
    receive {from, Ping} -> pong(Ping, 0) end.

pong(Ping, Returned) ->
    receive
        {count, Ping} -> Ping ! {returned, Returned}, pong();
        N -> Ping ! N, pong(Ping, Returned + 1)
    end.
