"""A program that does sums for an Umbel node: Python's statistics module behind a port.

    {mean, [1, 2, 4]}        ->  {ok, 2.3333333333333335}
    {describe, [1, 2, 4]}    ->  {ok, #{count => 3, mean => ..., median => 2}}
    anything else            ->  {error, <<"…">>}

An error of Python's is an answer here, and the program lives on. The request `crash` shows what happens when it does not.
"""
import statistics
import sys

from etf import Atom, packets, send

OK, ERROR = Atom("ok"), Atom("error")


def answer(request):
    if request == Atom("crash"):
        raise SystemExit(3)
    what, numbers = request
    if what == "mean":
        return statistics.mean(numbers)
    if what == "describe":
        facts = {"count": len(numbers), "mean": statistics.mean(numbers), "median": statistics.median(numbers)}
        return {Atom(name): value for name, value in facts.items()}
    if what == "echo":
        return numbers
    raise ValueError(f"no request {what}")


print("statistics are ready", file=sys.stderr, flush=True)
for request in packets():
    try:
        send((OK, answer(request)))
    except Exception as error:
        send((ERROR, f"{type(error).__name__}: {error}"))
