"""The order of measuring: every server once, then again, so that a bad moment meets all."""

import sys
from collections.abc import Sequence

from bench.load import Load, Slice
from bench.queries import Query
from bench.servers import Running

_SLOW_ROUNDS = 1  # a server whose slices are long is far from the others anyway


def measure(
    servers: Sequence[Running],
    queries: Sequence[Query],
    load: Load,
    *,
    concurrencies: Sequence[int],
    rounds: int,
    seconds: float,
) -> list[Slice]:
    """Return the slices; those of one round stand next to each other."""
    slices = []
    for query in queries:
        those = [server for server in servers if server.server.answers(query)]
        for server in those:
            load.warm(server, query, seconds)
        for concurrency in concurrencies:
            for turn in range(rounds):
                for server in those:
                    slow = load.is_slow(server, query, concurrency, seconds)
                    if turn >= _SLOW_ROUNDS and slow:
                        continue
                    slices.append(load.slice(server, query, concurrency, seconds, turn))
            _tell(f"{query.name} at {concurrency}: {rounds} rounds")
    return slices


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
