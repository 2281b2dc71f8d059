"""Writes `RESULTS.md`: the tables for people."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import creates, growth, plot, writers
from bench.queries import QUERIES
from bench.results import Found, Summary, judged, number
from bench.servers import SERVERS, VARIANTS

PATH = Path(__file__).parent / "RESULTS.md"

# At least this share of the best Node peer's rate, and of the raw limit's.
TARGETS: dict[str, tuple[float | None, float | None]] = {
    "Q1": (2, 0.6),
    "Q2": (2, 0.8),
    "Q3": (2, 1),
    "Q4": (1.7, 0.75),
    "Q5": (None, None),  # `creates` has its targets
    "Q6": (1, 0.8),
}
_MIDDLE = 16  # connections at which the targets hold

Cell = Callable[[Summary, str, str, int], str]

_INTRODUCTION = """# Results

Every server answers the same six operations from the same rows in one PostgreSQL; nothing is timed
before all answers are equal. All servers stay resident, slices of load rotate through them, and a
ratio is the median of the ratios of slices in one round, its quartiles in brackets. One process
each, ten connections. Ours runs with everything on: a token that is verified and whose log-in is
looked up, row level security, the trail, limits (cost and page size raised by their settings), the
access log; the others ask nobody who calls, hold one organization and write no trail, but for those
that write “the same rows” in Q5. PostgreSQL runs without fsync for all.

Whoever asks the same at the same time is answered by one run in “ours”, and by a run each in
“ours, each request alone”. Q2, Q3 and Q6 are the same question every time, Q1 is about 500 records
in turn, Q4 takes 16 filters in turn. Ours remembers what these requests mean, as the Node peers
remember documents; nobody remembers answers.

Repeat it with `make bench`; a quick look is
`make bench ARGS='--servers ours,raw,mercurius --queries Q1 --rounds 3 --concurrency 16'`.
"""


def write(measured: Found) -> None:
    """Write the page and the plot beside it."""
    summary = Summary(measured)
    PATH.write_text("\n".join(_parts(summary)) + "\n")
    plot.write(summary, _nearest(summary))


def _parts(summary: Summary) -> Iterator[str]:
    yield _INTRODUCTION
    yield from _circumstances(summary)
    at = _nearest(summary)
    yield f"## Answers each second, {at} connections\n\n![the same as a plot](results.svg)\n"
    yield from _by_server(summary, _rate, at)
    for concurrency in (each for each in summary.concurrencies if each != at):
        yield f"\n## Answers each second, {_connections(concurrency)}\n"
        yield from _by_server(summary, _rate, concurrency)
    for name in (each for each in summary.servers if each in VARIANTS):
        yield f"\n## Ratios of “{_title(name)}”, {at} connections\n"
        yield from _ratios(summary, name, at)
    if creates.QUERY in summary.queries:
        yield f"\n## Creates, {at} connections\n\n{creates.INTRODUCTION}"
        yield from _table(creates.HEADS, creates.figures(summary, at))
    if measurements := summary.measured.get("writers"):
        yield f"\n## Writers\n\n{writers.INTRODUCTION}"
        yield from _table(*writers.table(measurements))
    if {"ours-resolvers", "strawberry-tuned"} <= set(summary.servers):
        yield f"\n## Ratios of the resolver path to Strawberry tuned, {at} connections\n"
        yield from _table(summary.queries, [_healthy(summary, at)])
    for concurrency in summary.concurrencies:
        yield f"\n## Latency in ms, p50 / p99, {_connections(concurrency)}\n"
        yield from _by_server(summary, _latency, concurrency)
    yield f"\n## CPU in ms for one answer, server + PostgreSQL, {at} connections\n"
    yield from _by_server(summary, _costs, at)
    yield "\n## Most memory held, MB\n"
    yield from _table(("server", "MB"), _memory(summary))
    if growth := summary.measured.get("growth"):
        yield "\n## Growth\n\nPages of ours, 16 connections; CPU of server and PostgreSQL.\n"
        yield from growth_table(growth)


def _nearest(summary: Summary) -> int:
    concurrencies: list[int] = summary.concurrencies
    return min(concurrencies, key=lambda each: abs(each - _MIDDLE))


def _connections(number: int) -> str:
    return "1 connection" if number == 1 else f"{number} connections"


def _circumstances(summary: Summary) -> Iterator[str]:
    measured, on = summary.measured, summary.measured["machine"]
    yield (
        f"Measured at {measured['at']} on {on['processors']} processors ({on['processor']}, "
        f"{on['gigabytes']} GB, {on['system']}) that carry PostgreSQL, the servers and the load. "
        f"Others kept {summary.foreign():.2f} processors busy meanwhile.\n"
    )
    listed = (f"{name} {version}" for name, version in measured["versions"].items())
    yield f"Versions: {', '.join(listed)}.\n"


def _by_server(summary: Summary, cell: Cell, concurrency: int) -> Iterator[str]:
    def text_of(server: str, query: str) -> str:
        if summary.failed(server, query, concurrency):
            return "failed"
        return cell(summary, server, query, concurrency)

    heads = [f"{name} {QUERIES[name].title}" for name in summary.queries]
    rows = [
        [_title(server), *[text_of(server, query) for query in summary.queries]]
        for server in summary.servers
    ]
    yield from _table(("server", *heads), rows)


def _ratios(summary: Summary, name: str, at: int) -> Iterator[str]:
    rows = []
    for query in summary.queries:
        best, (node, raw) = summary.best_node(query, at), TARGETS[query]
        against = [(best, node), ("raw", raw)]
        cells = [judged(summary.ratio(name, other, query, at), least) for other, least in against]
        rows.append([f"{query} {QUERIES[query].title}", _title(best) if best else "", *cells])
    yield from _table(("operation", "best Node peer", "against it", "against raw SQL"), rows)


def _healthy(summary: Summary, at: int) -> Sequence[str]:
    """The resolver path should be at least level, though it alone guards what it reads."""
    pair = ("ours-resolvers", "strawberry-tuned")
    return [judged(summary.ratio(*pair, query, at), 1) for query in summary.queries]


def _rate(summary: Summary, server: str, query: str, concurrency: int) -> str:
    return number(summary.median(server, query, concurrency, "rate"))


def _latency(summary: Summary, server: str, query: str, concurrency: int) -> str:
    numbers = [summary.median(server, query, concurrency, name) for name in ("p50", "p99")]
    return "" if numbers[0] is None else " / ".join(map(number, numbers))


def _costs(summary: Summary, server: str, query: str, concurrency: int) -> str:
    names = ("server_ms", "database_ms")
    numbers = [summary.median(server, query, concurrency, name) for name in names]
    return "" if numbers[0] is None else " + ".join(map(number, numbers))


def _memory(summary: Summary) -> Iterable[Sequence[str]]:
    return ((_title(name), f"{peak:.0f}") for name, peak in summary.measured["peaks"].items())


def growth_table(measurements: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Return what a row costs at each size."""
    rows = []
    for name, (query, page) in growth.QUERIES.items():
        for scale in dict.fromkeys(each["scale"] for each in measurements):
            matching = [
                each for each in measurements if (each["query"], each["scale"]) == (name, scale)
            ]
            cost = median(each["server_ms"] + each["database_ms"] for each in matching)
            cells = (
                number(median(each["rate"] for each in matching)),
                f"{1000 * cost / page:.1f}",
            )
            rows.append([query.title, str(page), f"{scale * 20_000:,}", *cells])
    yield from _table(("list", "page", "clauses", "answers/s", "CPU µs for a row"), rows)


def _title(name: str) -> str:
    return SERVERS[name].title


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
