"""Connections of the pools, and the lines in which requests wait, as Prometheus counts them."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from qgp.kit.fair_queue import FairQueue


class PoolMetrics(Collector):
    """Use of what a process has little of.

    Args:
        pools: by name; `resolvers` and `reads`.
        lines: by name, as docs/operations.md lists them.
    """

    def __init__(self, pools: Mapping[str, AsyncEngine], lines: Mapping[str, FairQueue]) -> None:
        self._pools, self._lines = pools, lines

    def collect(self) -> Iterator[Metric]:
        """Tell the numbers as they stand."""
        size = _gauge("qgp_pool_size", "Connections that a pool may have, overflow included.")
        in_use = _gauge("qgp_pool_in_use", "Connections of a pool that are in use.")
        for name, engine in self._pools.items():
            pool = engine.pool
            assert isinstance(pool, QueuePool)
            size.add_metric([name], pool.size() + max(0, pool._max_overflow))
            in_use.add_metric([name], pool.checkedout())
        yield from (size, in_use)
        running = _gauge("qgp_line_running", "Requests in work.", "line")
        waiting = _gauge("qgp_line_waiting", "Requests that wait for their turn.", "line")
        refused = CounterMetricFamily("qgp_line_refused", "Requests refused.", labels=["line"])
        for name, line in self._lines.items():
            running.add_metric([name], line.running)
            waiting.add_metric([name], line.waiting)
            refused.add_metric([name], line.refused)
        yield from (running, waiting, refused)


def _gauge(name: str, documentation: str, label: str = "pool") -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, labels=[label])
