"""Metrics of the worker: executions of jobs by kind and outcome, and their duration."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram
from prometheus_client.registry import Collector


class JobMetrics:
    """Counts and durations of the jobs that this process has executed."""

    def __init__(self) -> None:
        self._executed = Counter(
            "qgp_jobs", "Executions of background jobs.", ["job", "outcome"], registry=None
        )
        self._seconds = Histogram(
            "qgp_job_seconds", "Duration of background jobs.", ["job"], registry=None
        )

    @property
    def collectors(self) -> tuple[Collector, ...]:
        """The metrics for `/metrics`."""
        return (self._executed, self._seconds)

    @contextmanager
    def measured(self, job: str) -> Iterator[None]:
        """Count the execution of a job within the block and measure it."""
        began, outcome = time.perf_counter(), "failed"
        try:
            yield
            outcome = "done"
        finally:
            self._executed.labels(job, outcome).inc()
            self._seconds.labels(job).observe(time.perf_counter() - began)
