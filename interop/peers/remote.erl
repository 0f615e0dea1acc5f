%% The functions that the cases below call, on a BEAM node; an Umbel node exposes its own under the same names.
-module(remote).
-export([id/1, sleep/1, hold/1, quit/1, send/2, large/1, lots/1]).

id(Term) -> Term.
sleep(Ms) -> timer:sleep(Ms), slept.
hold(By) -> By ! {held, self()}, receive go -> slept end.
quit(Reason) -> exit(Reason).
send(To, Message) -> To ! Message, sent.
large(Bytes) -> binary:copy(<<"x">>, Bytes).
lots(N) -> lists:seq(1, N).
