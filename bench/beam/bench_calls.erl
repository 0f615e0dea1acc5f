%% Calls and casts to the counter, here or on another node. Each answers the nanoseconds it took, after it has seen that the counter
%% went up by exactly as many.
-module(bench_calls).
-export([increments/3, echoes/2, casts/2, blobs/3, cpu_of/2]).

%% Count calls by so many callers at a time.
increments(Target, Callers, Count) ->
    counted(Target, Count, fun() -> together(Target, Callers, Count) end).

together(Target, 1, Count) ->
    increment(Target, Count);
together(Target, Callers, Count) ->
    Monitors = [element(2, spawn_monitor(fun() -> increment(Target, share(Caller, Callers, Count)) end))
                || Caller <- lists:seq(1, Callers)],
    [receive {'DOWN', Monitor, process, _, normal} -> ok end || Monitor <- Monitors],
    ok.

%% What the first callers do more when it does not come out even.
share(Caller, Callers, Count) when Caller =< Count rem Callers -> Count div Callers + 1;
share(_, Callers, Count) -> Count div Callers.

increment(_, 0) -> ok;
increment(Target, Count) ->
    _ = gen_server:call(Target, {increment, 1}),
    increment(Target, Count - 1).

%% A map with an integer, a binary and a list of binaries, there and back. The binary and the list are made at run time, as literals
%% would not be copied.
echoes(Target, Count) ->
    Name = list_to_binary("umbel"),
    Tags = [list_to_binary(Tag) || Tag <- ["a", "b", "c"]],
    counted(Target, Count, fun() -> echo(Target, Name, Tags, Count) end).

echo(_, _, _, 0) -> ok;
echo(Target, Name, Tags, Id) ->
    #{id := Id} = gen_server:call(Target, {echo, #{id => Id, name => Name, tags => Tags}}),
    echo(Target, Name, Tags, Id - 1).

%% Drained: the final call comes after all of them.
casts(Target, Count) ->
    counted(Target, Count, fun() -> cast(Target, Count), _ = gen_server:call(Target, get, infinity) end).

cast(_, 0) -> ok;
cast(Target, Count) ->
    gen_server:cast(Target, {msg, 1, abc}),
    cast(Target, Count - 1).

%% Casts that carry so many bytes, drained. The bytes are made at run time, as literals would not be copied.
blobs(Target, Count, Size) ->
    Bytes = binary:copy(<<7>>, Size),
    counted(Target, Count, fun() -> blob(Target, Bytes, Count), _ = gen_server:call(Target, get, infinity) end).

blob(_, _, 0) -> ok;
blob(Target, Bytes, Count) ->
    gen_server:cast(Target, {blob, Bytes}),
    blob(Target, Bytes, Count - 1).

%% Nanoseconds of CPU, of both nodes together, for what Work does.
cpu_of(Target, Work) ->
    Used = fun() -> bench_counter:cpu() + gen_server:call(Target, cpu) end,
    Before = Used(),
    Work(),
    Used() - Before.

counted(Target, Count, Work) ->
    Before = gen_server:call(Target, get),
    Start = erlang:monotonic_time(nanosecond),
    Work(),
    Took = erlang:monotonic_time(nanosecond) - Start,
    Expected = Before + Count,
    Expected = gen_server:call(Target, get),
    Took.
