%% Many processes, and many messages: the BEAM's side of million-genservers and flood-timer.
-module(bench_many).
-export([million/1, flood/1]).

-define(OUTSTANDING, 100000).
-define(TIMER_MS, 10).

%% Nanoseconds in which Count counters start, answer once each, and end.
million(Count) ->
    Alive = erlang:system_info(process_count),
    Start = erlang:monotonic_time(nanosecond),
    Asker = self(),
    {Parent, Monitor} = spawn_monitor(fun() ->
        Pids = [begin {ok, Pid} = bench_counter:start_link(), Pid end || _ <- lists:seq(1, Count)],
        Asker ! {self(), Pids},
        receive stop -> exit(shutdown) end
    end),
    Pids = receive {Parent, All} -> All end,
    true = erlang:system_info(process_count) =:= Alive + 1 + Count,
    Count = lists:sum([gen_server:call(Pid, {increment, 1}) || Pid <- Pids]),
    Parent ! stop,
    receive {'DOWN', Monitor, process, _, shutdown} -> ok end,
    until_gone(Alive),
    erlang:monotonic_time(nanosecond) - Start.

until_gone(Alive) ->
    case erlang:system_info(process_count) of
        Alive -> ok;
        _ -> erlang:yield(), until_gone(Alive)
    end.

%% The worst lateness of a timer, in nanoseconds, beside Count messages of which so many are outstanding.
flood(Count) ->
    Sink = spawn_link(fun() -> sink(0) end),
    Timer = spawn_link(fun() -> watch(0) end),
    send(Sink, Count),
    Count = ask(Sink, taken),
    Worst = ask(Timer, worst),
    [begin unlink(Pid), exit(Pid, kill) end || Pid <- [Sink, Timer]],
    Worst.

send(_, 0) -> ok;
send(Sink, Left) ->
    Now = min(Left, ?OUTSTANDING),
    [Sink ! N || N <- lists:seq(1, Now)],
    _ = ask(Sink, taken),
    send(Sink, Left - Now).

ask(Pid, What) ->
    Ref = make_ref(),
    Pid ! {What, self(), Ref},
    receive {Ref, Answer} -> Answer end.

sink(Taken) ->
    receive
        {taken, From, Ref} -> From ! {Ref, Taken}, sink(Taken);
        _ -> sink(Taken + 1)
    end.

watch(Worst) ->
    Due = erlang:monotonic_time(nanosecond) + ?TIMER_MS * 1000000,
    erlang:send_after(?TIMER_MS, self(), tick),
    wait(Due, Worst).

wait(Due, Worst) ->
    receive
        tick -> watch(max(Worst, erlang:monotonic_time(nanosecond) - Due));
        {worst, From, Ref} -> From ! {Ref, max(Worst, erlang:monotonic_time(nanosecond) - Due)}, wait(Due, Worst)
    end.
