%% Idle counters, each linked to the process that started it: how long they take to start, and what they hold.
-module(bench_starts).
-export([time/1, memory/1]).

%% As many as are alive at a time while starting is timed.
-define(BATCH, 10000).

%% Nanoseconds for Count starts. Ending them is not timed.
time(Count) -> time(Count, 0).

time(0, Took) -> Took;
time(Count, Took) ->
    Size = min(Count, ?BATCH),
    {BatchTook, _} = in_parent(Size, fun() -> 0 end),
    time(Count - Size, Took + BatchTook).

%% The bytes that Count of them hold, all taken together.
memory(Count) ->
    {_, Bytes} = in_parent(Count, fun() -> erlang:memory(processes) end),
    Bytes.

%% Starts them from a process of their own, and ends them with it.
in_parent(Count, Measure) ->
    Alive = erlang:system_info(process_count),
    Asker = self(),
    {Parent, Monitor} = spawn_monitor(fun() ->
        erlang:garbage_collect(),
        Before = Measure(),
        Start = erlang:monotonic_time(nanosecond),
        start(Count),
        Took = erlang:monotonic_time(nanosecond) - Start,
        Asker ! {self(), Took, Measure() - Before, erlang:system_info(process_count)},
        receive stop -> exit(shutdown) end
    end),
    receive
        {Parent, Took, Grown, Then} ->
            Then = Alive + 1 + Count,
            Parent ! stop,
            receive {'DOWN', Monitor, process, _, shutdown} -> ok end,
            until_gone(Alive),
            {Took, Grown};
        {'DOWN', Monitor, process, _, Why} ->
            exit(Why)
    end.

start(0) -> ok;
start(Count) ->
    {ok, _} = bench_counter:start_link(),
    start(Count - 1).

until_gone(Alive) ->
    case erlang:system_info(process_count) of
        Alive -> ok;
        _ -> erlang:yield(), until_gone(Alive)
    end.
