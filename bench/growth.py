"""Cost of a page by the size of the tables: pages of 25 and 100, 1 to 100 times the rows."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.database import filled
from bench.load import Load
from bench.queries import Query
from bench.rounds import measure
from bench.servers import SERVERS, resident

SCALES = (1, 10, 100)
_PAGES = (25, 100)
_CONCURRENCY = 16


def _page(name: str, title: str, field: str, size: int) -> Query:
    def values(_: object) -> Sequence[Mapping[str, Any]]:
        return [{"first": size}]

    return Query(f"{name}-{size}", title, field, values)


QUERIES = {
    query.name: (query, size)
    for size in _PAGES
    for query in (
        _page("G1", "clauses, by standard and number", "clauses", size),
        _page("G2", "assessments, by time", "clauseAssessments", size),
    )
}


def grown(
    name: str, scales: Sequence[int], logs: Path, *, rounds: int, seconds: float
) -> list[dict[str, Any]]:
    """Measure one server at each size; return the slices with their scale and page size."""
    measurements = []
    for scale in scales:
        sys.stderr.write(f"Filling {scale * 20_000:,} clauses …\n")
        with filled(scale) as stage, resident([SERVERS[name]], stage, logs) as servers:
            slices = measure(
                servers,
                [query for query, _ in QUERIES.values()],
                Load(stage),
                concurrencies=[_CONCURRENCY],
                rounds=rounds,
                seconds=seconds,
            )
        measurements += [
            {**each.plain(), "scale": scale, "page": QUERIES[each.query][1]} for each in slices
        ]
    return measurements
