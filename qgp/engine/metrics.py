"""Prometheus metrics of the engine."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from qgp.engine.engine import SHADOW, Engine


class EngineMetrics(Collector):
    """Reads and mutations by outcome, lookups in the plan cache, comparisons of shadow mode."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the current value of each counter."""
        counts = dict(self._engine.counts)
        planned = CounterMetricFamily("qgp_reads_planned", "Queries answered from a plan.")
        planned.add_metric([], counts.pop("planned", 0))
        yield planned
        shadow = {
            name.removeprefix(SHADOW): counts.pop(name)
            for name in [*counts]
            if name.startswith(SHADOW)
        }
        yield _counter(
            "qgp_reads_resolver_path", "Queries answered by the resolvers.", "reason", counts
        )
        yield _counter(
            "qgp_shadow", "Planned answers compared with the resolvers'.", "outcome", shadow
        )
        mutations = self._engine.mutation_counts
        yield _counter("qgp_mutations_planned", "Mutations by outcome.", "outcome", mutations)
        lookups = self._engine.plans.counts
        yield _counter("qgp_plan_cache", "Lookups in the plan cache.", "outcome", lookups)


def _counter(
    name: str, description: str, label: str, counts: Mapping[str, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, description, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
