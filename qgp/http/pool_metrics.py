"""Prometheus metrics of the connection pools and the admission queues."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from qgp.kit.fair_queue import FairQueue


class PoolMetrics(Collector):
    """Use of the pools and queues of one process.

    Args:
        pools: pools by name: `resolvers` and `reads`.
        queues: queues by name, as docs/operations.md lists them.
    """

    def __init__(self, pools: Mapping[str, AsyncEngine], queues: Mapping[str, FairQueue]) -> None:
        self._pools, self._queues = pools, queues

    def collect(self) -> Iterator[Metric]:
        """Yield the current values."""
        size = _gauge("qgp_pool_size", "Connections that a pool may have, overflow included.")
        in_use = _gauge("qgp_pool_in_use", "Connections of a pool that are in use.")
        for name, engine in self._pools.items():
            pool = engine.pool
            assert isinstance(pool, QueuePool)
            size.add_metric([name], pool.size() + max(0, pool._max_overflow))
            in_use.add_metric([name], pool.checkedout())
        yield from (size, in_use)
        running = _gauge("qgp_queue_running", "Requests that were admitted and run.", "queue")
        waiting = _gauge("qgp_queue_waiting", "Requests that wait to be admitted.", "queue")
        refused = CounterMetricFamily("qgp_queue_refused", "Requests refused.", labels=["queue"])
        for name, queue in self._queues.items():
            running.add_metric([name], queue.running)
            waiting.add_metric([name], queue.waiting)
            refused.add_metric([name], queue.refused)
        yield from (running, waiting, refused)


def _gauge(name: str, documentation: str, label: str = "pool") -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, labels=[label])
