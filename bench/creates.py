"""Figures of the create: ours against peers that write the same rows, and peers without trail."""

from collections.abc import Iterator, Sequence

from bench.results import Summary, judged, number
from bench.servers import SERVERS, Server

QUERY = "Q5"
HEADS = ("server", "figure", "measured", "ratio of ours to it, target")
INTRODUCTION = """The peers without trail write one row into a table that knows no organization.
Those with “the same rows” write into ours, and so keep the same indexes, keys and triggers: in one
transaction the idempotency key, the number of the counter, the finding, its status event, the entry
of the hash chain and the head. Raw SQL does it in one statement, Mercurius in four round trips
(begin; key and number; the rows, chained in SQL while the head is locked; commit), as a team would
whose mutations share the code of the trail, and “at once” in the statement of raw SQL. They have no
walls: no sign-in, no permissions, no row level security and no checks but the tables', and leave
expired keys to a job. Before anything is timed, what each has written must be what ours has
written, a repeated key must write nothing, and the trail must verify; it must again after each
slice.
"""


def _has_no_trail(server: Server) -> bool:
    return not server.is_ours and not server.writes_same_rows


_NODE_WITH_SAME_ROWS, _RAW_WITH_SAME_ROWS, _BEST_WITHOUT_TRAIL = 1, 0.6, 0.4  # least ratios
_MOST_MS, _MOST_MEGABYTES = 0.8, 200


def figures(summary: Summary, concurrency: int) -> Iterator[Sequence[str]]:
    """Yield the rows of the table: ratios, then what a create costs, for each of our settings."""
    for name in summary.servers:
        if SERVERS[name].is_ours and summary.has(name, QUERY):
            yield from _ratios(summary, name, concurrency)
            yield from _costs(summary, name, concurrency)


def lines(summary: Summary) -> Iterator[str]:
    """Yield the rows for the terminal."""
    for concurrency in summary.concurrencies if QUERY in summary.queries else ():
        for server, against, cost, ratio in figures(summary, concurrency):
            yield f"{QUERY} {concurrency:>3} {server:<24} {against:<60} {cost:>8} {ratio}"


def _ratios(summary: Summary, name: str, concurrency: int) -> Iterator[Sequence[str]]:
    for against, least in _peers(summary, concurrency):
        peer = SERVERS[against]
        title = peer.title if peer.writes_same_rows else f"{peer.title}, without trail"
        rate = summary.median(against, QUERY, concurrency, "rate")
        ratio = summary.ratio(name, against, QUERY, concurrency)
        yield SERVERS[name].title, title, number(rate), judged(ratio, least)


def _peers(summary: Summary, concurrency: int) -> Iterator[tuple[str, float | None]]:
    """Yield those that write the same rows, and the best without trail, with the least ratio."""
    for against in map(SERVERS.__getitem__, summary.servers):
        if against.writes_same_rows and summary.has(against.name, QUERY):
            yield against.name, _NODE_WITH_SAME_ROWS if against.is_node else _RAW_WITH_SAME_ROWS
    best = summary.best(QUERY, concurrency, _has_no_trail)
    if best is not None:
        yield best, _BEST_WITHOUT_TRAIL
    node = summary.best_node(QUERY, concurrency)
    if node not in {None, best}:
        yield node, None


def _costs(summary: Summary, name: str, concurrency: int) -> Iterator[Sequence[str]]:
    title = SERVERS[name].title
    for what, part in (("server", "server_ms"), ("database", "database_ms")):
        cost = summary.median(name, QUERY, concurrency, part)
        if cost is not None:
            yield title, f"CPU of the {what}, ms", number(cost), _at_most(cost, _MOST_MS)
    held = summary.measured.get("resident", {}).get(name)
    if held is not None:
        memory = "resident memory after the run, MB"
        yield title, memory, number(held), _at_most(held, _MOST_MEGABYTES)


def _at_most(value: float, most: float) -> str:
    return f"{'reached' if value <= most else '**missed**'}: at most {most:g}"
