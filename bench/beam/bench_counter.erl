%% The counter: what is called, cast to and started in every row. Its twin is ../umbel/counter.mjs.
-module(bench_counter).
-behaviour(gen_server).
-export([start_link/0, start_link/1, init/1, handle_call/3, handle_cast/2, cpu/0]).

start_link() -> gen_server:start_link(?MODULE, 0, []).
start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, 0, []).

init(Count) -> {ok, Count}.

handle_call({increment, By}, _From, Count) -> {reply, Count + By, Count + By};
handle_call({echo, Object}, _From, Count) -> {reply, Object, Count + 1};
handle_call(cpu, _From, Count) -> {reply, cpu(), Count};
handle_call(get, _From, Count) -> {reply, Count, Count}.

handle_cast({msg, By, abc}, Count) -> {noreply, Count + By};
handle_cast({blob, _Bytes}, Count) -> {noreply, Count + 1}.

%% CPU of this operating-system process so far, in nanoseconds.
cpu() -> element(1, statistics(runtime)) * 1000000.
