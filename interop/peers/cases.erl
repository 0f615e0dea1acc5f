%% What OTP's own suites hold of erpc and rpc between two nodes, in our own words: each case says what came of it, as a term that is the same
%% whatever runs on the other node. `run(Node)` says them all, `{Case, Outcome}` to a line.
-module(cases).
-export([run/1]).

run(Node) ->
    [begin
         Outcome = try Case(Node) catch Class:Reason -> {Class, Reason} end,
         io:format("~w ~0p~n", [Name, {Outcome, leftovers()}])
     end || {Name, Case} <- cases()],
    ok.

%% What is in the mailbox when a case is over: nothing, if nobody answered twice or too late.
leftovers() -> receive Message -> [Message | leftovers()] after 0 -> [] end.

cases() ->
    [{erpc_call_value, fun(N) -> erpc:call(N, remote, id, [{a, [1, 2.5], <<"b">>, #{k => v}}]) end},
     {erpc_call_large, fun(N) -> byte_size(erpc:call(N, remote, large, [3000000])) end},
     {erpc_call_large_argument, fun(N) -> byte_size(erpc:call(N, remote, id, [binary:copy(<<0>>, 3000000)])) end},
     {erpc_call_list, fun(N) -> lists:sum(erpc:call(N, remote, lots, [10000])) end},
     {erpc_call_exit, fun(N) -> caught(fun() -> erpc:call(N, remote, quit, [{bye, 1}]) end) end},
     {erpc_call_exit_normal, fun(N) -> caught(fun() -> erpc:call(N, remote, quit, [normal]) end) end},
     {erpc_call_undefined_module, fun(N) -> undefined_in(fun() -> erpc:call(N, no_such_module, f, [1]) end) end},
     {erpc_call_undefined_function, fun(N) -> undefined_in(fun() -> erpc:call(N, remote, no_such_function, []) end) end},
     {erpc_call_timeout, fun(N) -> caught(fun() -> erpc:call(N, remote, sleep, [5000], 50) end) end},
     {erpc_call_after_timeout, fun(N) ->
          caught(fun() -> erpc:call(N, remote, hold, [self()], 5) end), let_go(), erpc:call(N, remote, sleep, [100]) end},
     {erpc_call_infinity, fun(N) -> erpc:call(N, remote, sleep, [20], infinity) end},
     {erpc_cast, fun(N) -> ok = erpc:cast(N, remote, send, [self(), hello]), receive hello -> heard after 2000 -> silence end end},
     {erpc_cast_failing, fun(N) -> erpc:cast(N, remote, quit, [boom]) end},
     {erpc_multicast, fun(N) -> ok = erpc:multicast([N, N], remote, send, [self(), hello]),
          [receive hello -> heard after 2000 -> silence end || _ <- [1, 2]] end},
     {erpc_send_request, fun(N) -> erpc:receive_response(erpc:send_request(N, remote, id, [7])) end},
     {erpc_send_request_exit, fun(N) -> R = erpc:send_request(N, remote, quit, [gone]), caught(fun() -> erpc:receive_response(R) end) end},
     {erpc_wait_response, fun(N) ->
          R = erpc:send_request(N, remote, hold, [self()]), Early = erpc:wait_response(R, 5), let_go(), {Early, erpc:wait_response(R, 10000)} end},
     {erpc_receive_response_timeout, fun(N) ->
          R = erpc:send_request(N, remote, sleep, [5000]), caught(fun() -> erpc:receive_response(R, 20) end) end},
     {erpc_check_response, fun(N) ->
          R = erpc:send_request(N, remote, id, [7]),
          receive Message -> {erpc:check_response(Message, R), erpc:check_response(other, R)} after 2000 -> silence end end},
     {erpc_interleaved, fun(N) ->
          Slow = erpc:send_request(N, remote, sleep, [60]), Fast = erpc:send_request(N, remote, id, [fast]),
          {erpc:receive_response(Fast), erpc:receive_response(Slow)} end},
     {erpc_many_at_once, fun(N) ->
          Rs = [erpc:send_request(N, remote, id, [I]) || I <- lists:seq(1, 500)],
          [erpc:receive_response(R) || R <- Rs] =:= lists:seq(1, 500) end},
     {erpc_multicall, fun(N) -> erpc:multicall([N, N], remote, id, [x]) end},
     {erpc_multicall_unreachable, fun(N) -> erpc:multicall([N, 'nobody@127.0.0.1'], remote, id, [x]) end},
     {erpc_multicall_timeout, fun(N) -> erpc:multicall([N, N], remote, sleep, [5000], 50) end},
     {erpc_multicall_exit, fun(N) -> erpc:multicall([N], remote, quit, [oops]) end},
     {erpc_call_disconnect, fun(N) ->
          R = erpc:send_request(N, remote, sleep, [5000]), erlang:disconnect_node(N),
          Outcome = caught(fun() -> erpc:receive_response(R, 3000) end), {Outcome, net_adm:ping(N)} end},
     {rpc_call, fun(N) -> rpc:call(N, remote, id, [{x, y}]) end},
     {rpc_call_exit, fun(N) -> rpc:call(N, remote, quit, [foo]) end},
     {rpc_call_undefined, fun(N) -> {badrpc, {'EXIT', {undef, _}}} = rpc:call(N, remote, no_such_function, []), undefined end},
     {rpc_call_timeout, fun(N) -> rpc:call(N, remote, sleep, [5000], 50) end},
     {rpc_call_unreachable, fun(_) -> rpc:call('nobody@127.0.0.1', remote, id, [1]) end},
     {rpc_block_call, fun(N) -> rpc:block_call(N, remote, id, [blocked]) end},
     {rpc_block_call_exit, fun(N) -> rpc:block_call(N, remote, quit, [foo]) end},
     {rpc_cast, fun(N) -> true = rpc:cast(N, remote, send, [self(), hi]), receive hi -> heard after 2000 -> silence end end},
     {rpc_async_call, fun(N) -> K = rpc:async_call(N, remote, id, [later]), rpc:yield(K) end},
     {rpc_nb_yield, fun(N) -> K = rpc:async_call(N, remote, hold, [self()]), Early = rpc:nb_yield(K, 5), let_go(), {Early, rpc:nb_yield(K, 10000)} end},
     {rpc_multicall, fun(N) -> rpc:multicall([N, N], remote, id, [x]) end},
     {rpc_multicall_unreachable, fun(N) -> rpc:multicall([N, 'nobody@127.0.0.1'], remote, id, [x]) end},
     {rpc_multicall_timeout, fun(N) -> rpc:multicall([N], remote, sleep, [5000], 50) end},
     {rpc_eval_everywhere, fun(N) -> rpc:eval_everywhere([N], remote, send, [self(), all]), receive all -> heard after 2000 -> silence end end},
     {rpc_sbcast, fun(N) -> {Good, Bad} = rpc:sbcast([N], nobody_is_called_so, message), {length(Good), length(Bad)} end},
     {rpc_abcast, fun(N) -> rpc:abcast([N], nobody_is_called_so, message) end},
     {rpc_server_call, fun(N) -> rpc:server_call(N, nobody_is_called_so, reply, question) end},
     {spawn_monitor, fun(N) -> {P, R} = spawn_monitor(N, remote, quit, [ended]), receive {'DOWN', R, process, P, Why} -> Why after 2000 -> silence end end},
     {spawn_request, fun(N) ->
          R = spawn_request(N, remote, send, [self(), spawned], [monitor]),
          [receive {spawn_reply, R, ok, _} -> replied; spawned -> spawned; {'DOWN', R, _, _, Why} -> Why after 2000 -> silence end || _ <- [1, 2, 3]] end},
     {spawn_request_no_reply, fun(N) ->
          spawn_request(N, remote, send, [self(), spawned], [{reply, no}]), receive spawned -> spawned after 2000 -> silence end end},
     {spawn_opt_link, fun(N) ->
          process_flag(trap_exit, true), P = spawn_opt(N, remote, quit, [linked], [link]),
          receive {'EXIT', P, Why} -> Why after 2000 -> silence end end},
     {spawn_undefined, fun(N) ->
          {_, R} = spawn_monitor(N, remote, no_such_function, []), receive {'DOWN', R, _, _, {undef, _}} -> undef; {'DOWN', R, _, _, Why} -> Why after 2000 -> silence end end}].

caught(Run) -> try Run() of _ -> returned catch Class:Reason -> {Class, Reason} end.

undefined_in(Run) -> try Run() catch error:{exception, undef, [{M, F, A, _} | _]} -> {undef, M, F, A} end.

%% Whoever is held by remote:hold goes on: what has not come before that has come too late, however slow the machine.
let_go() -> receive {held, Pid} -> Pid ! go end.
