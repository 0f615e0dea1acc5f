%% The supervisor of what the rows ask: one counter, registered by name.
-module(bench_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    Counter = #{id => counter, start => {bench_counter, start_link, [counter]}},
    {ok, {#{strategy => one_for_one}, [Counter]}}.
