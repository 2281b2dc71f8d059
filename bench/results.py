"""Results in JSON, with their summary: medians, and ratios of slices of one round."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import processor
from bench.database import Stage
from bench.load import Slice
from bench.servers import SERVERS, Running, Server
from bench.versions import machine, versions

PATH = Path(__file__).parent / "results.json"
Found = dict[str, Any]


def found(servers: Sequence[Running], slices: Sequence[Slice], stage: Stage) -> Found:
    """Return the results with the versions and the machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "versions": versions(stage),
        "peaks": {each.name: processor.peak_megabytes(each.process.pid) for each in servers},
        "resident": {each.name: processor.resident_megabytes(each.process.pid) for each in servers},
        "slices": [each.plain() for each in slices],
    }


def keep(measured: Found) -> None:
    """Write it over what was measured last; parts that were not measured now stay."""
    PATH.write_text(json.dumps(kept() | measured, indent=1))


def kept() -> Found:
    """Return what was measured last."""
    return json.loads(PATH.read_text()) if PATH.exists() else {}


class Summary:
    """Medians and ratios of what was measured."""

    def __init__(self, measured: Found) -> None:
        self.measured = measured
        self._slices = measured["slices"]
        self.servers = list(measured["peaks"])
        self.queries = _once(each["query"] for each in self._slices)
        self.concurrencies = _once(each["concurrency"] for each in self._slices)

    def median(self, server: str, query: str, concurrency: int, what: str) -> float | None:
        """Return the median of a number over the rounds, None where nothing was measured."""
        numbers = self._by_turn(server, query, concurrency, what).values()
        return statistics.median(numbers) if numbers else None

    def has(self, server: str, query: str) -> bool:
        """Return whether a server was measured with a query."""
        return any((each["server"], each["query"]) == (server, query) for each in self._slices)

    def failed(self, server: str, query: str, concurrency: int) -> list[str]:
        """Return what went wrong, in every round."""
        results = self._of(server, query, concurrency)
        return [failure for each in results for failure in each["failures"]]

    def foreign(self) -> float:
        """Return how many processors others kept busy, in the median slice."""
        return float(statistics.median(each["foreign"] for each in self._slices))

    def best(self, query: str, concurrency: int, among: Callable[[Server], bool]) -> str | None:
        """Return the server with the highest median rate among some."""
        rates = {
            name: rate
            for name in self.servers
            if among(SERVERS[name])
            and (rate := self.median(name, query, concurrency, "rate")) is not None
        }
        return max(rates, key=lambda name: rates[name], default=None)

    def best_node(self, query: str, concurrency: int) -> str | None:
        """Return the fastest Node peer, for writes of those without trail."""
        return self.best(
            query, concurrency, lambda server: server.is_node and not server.writes_same_rows
        )

    def ratio(
        self, server: str, against: str | None, query: str, concurrency: int, what: str = "rate"
    ) -> tuple[float, float, float] | None:
        """Return the median of the per-round ratios, with the quartiles around it."""
        if against is None:
            return None
        ones = self._by_turn(server, query, concurrency, what)
        others = self._by_turn(against, query, concurrency, what)
        ratios = [ones[turn] / others[turn] for turn in ones.keys() & others.keys() if others[turn]]
        if len(ratios) < 2:
            return (ratios[0],) * 3 if ratios else None
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
        return low, middle, high

    def _of(self, server: str, query: str, concurrency: int) -> list[dict[str, Any]]:
        place = (server, query, concurrency)
        return [
            each
            for each in self._slices
            if (each["server"], each["query"], each["concurrency"]) == place
        ]

    def _by_turn(self, server: str, query: str, concurrency: int, what: str) -> dict[int, float]:
        return {each["turn"]: each[what] for each in self._of(server, query, concurrency)}


def judged(ratio: tuple[float, float, float] | None, least: float | None) -> str:
    """Return a ratio with its quartiles, and whether it reaches a target."""
    if ratio is None:
        return ""
    low, middle, high = ratio
    verdict = f"{middle:.2f} [{low:.2f}, {high:.2f}]"
    if least is None:
        return verdict
    return f"{verdict}, {'reached' if middle >= least else '**missed**'}: {least:g}"


def number(value: float | None) -> str:
    """Return a measured number with three digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def overview(measured: Found) -> str:
    """Return a table for the terminal."""
    summary = Summary(measured)
    lines = [f"{'':24}" + "".join(f"{text:>12}" for text in _HEAD)]
    for query in summary.queries:
        for concurrency in summary.concurrencies:
            names = [each for each in summary.servers if summary.has(each, query)]
            lines += [_line(summary, name, query, concurrency) for name in names]
    lines.append(f"others kept {summary.foreign():.2f} processors busy")
    return "\n".join(lines) + "\n"


_HEAD = ("answers/s", "p50 ms", "p99 ms", "server ms", "database ms", "/ node", "/ raw", "peak MB")


def _line(summary: Summary, server: str, query: str, concurrency: int) -> str:
    names = ("rate", "p50", "p99", "server_ms", "database_ms")
    numbers = [summary.median(server, query, concurrency, name) for name in names]
    cells = ["" if number is None else f"{number:.4g}" for number in numbers]
    for against in (summary.best_node(query, concurrency), "raw"):
        ratio = summary.ratio(server, against, query, concurrency)
        cells.append("" if ratio is None else f"{ratio[1]:.2f}")
    cells.append(f"{summary.measured['peaks'][server]:.0f}")
    wrong = summary.failed(server, query, concurrency)
    failure = f"  FAILED: {wrong[0]}" if wrong else ""
    return (
        f"{query} {concurrency:>3} {server:<16}"
        + "".join(f"{cell:>12}" for cell in cells)
        + failure
    )


def _once(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
