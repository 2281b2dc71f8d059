"""What the engine has done, as Prometheus counts it."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from qgp.engine.engine import Engine


class EngineMetrics(Collector):
    """Reads by outcome, plans made and found, comparisons of shadow mode."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Tell the counters as they stand."""
        counts = dict(self._engine.counts)
        planned = CounterMetricFamily("qgp_reads_planned", "Queries answered from a plan.")
        planned.add_metric([], counts.pop("planned", 0))
        yield planned
        shadow = {name[8:]: counts.pop(name) for name in [*counts] if name.startswith("shadow: ")}
        told = "Queries left to the resolvers, by reason."
        yield _by("reason", "qgp_reads_reference", told, counts)
        told = "Planned answers compared with the resolvers', by outcome."
        yield _by("outcome", "qgp_shadow", told, shadow)
        yield _by("outcome", "qgp_plans", "Plans asked for.", self._engine.plans.counts)


def _by(label: str, name: str, told: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, told, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
