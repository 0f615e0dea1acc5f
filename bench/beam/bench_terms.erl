%% term_to_binary and binary_to_term of the term that Umbel encodes and decodes in the same row. It comes as Umbel's own bytes, in
%% hexadecimal, so that both have the same one.
-module(bench_terms).
-export([encode_job/1, decode_job/1]).

encode_job(Hex) ->
    Term = binary_to_term(binary:decode_hex(list_to_binary(Hex))),
    %% Not quite as many as Umbel's: here atoms are Latin-1 with longer heads, and [1,2,3] is a string.
    Bytes = byte_size(term_to_binary(Term)),
    Term = binary_to_term(term_to_binary(Term)),
    fun(Count) ->
        Expected = Count * Bytes,
        timed(fun() -> Expected = encode(Term, Count, 0) end)
    end.

encode(_, 0, Bytes) -> Bytes;
encode(Term, Count, Bytes) -> encode(Term, Count - 1, Bytes + byte_size(term_to_binary(Term))).

decode_job(Hex) ->
    Given = binary:decode_hex(list_to_binary(Hex)),
    Fields = tuple_size(binary_to_term(Given)),
    fun(Count) ->
        Expected = Count * Fields,
        timed(fun() -> Expected = decode(Given, Count, 0) end)
    end.

decode(_, 0, Fields) -> Fields;
decode(Bytes, Count, Fields) -> decode(Bytes, Count - 1, Fields + tuple_size(binary_to_term(Bytes))).

timed(Work) ->
    Start = erlang:monotonic_time(nanosecond),
    Work(),
    erlang:monotonic_time(nanosecond) - Start.
