"""Prometheus metrics of requests: by operation type and outcome, by error code, by duration."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_BOUNDS = [*map(str, BUCKETS), "+Inf"]
_FAILED = {"INTERNAL_SERVER_ERROR", "UNAVAILABLE", "TIMEOUT"}
_KINDS = (
    ("/exports/", "export"),
    ("/imports/", "import"),
    ("/files/", "file"),
    ("/calendar/", "calendar"),
    ("/graphql", "unknown"),
)


class RequestCounts(Collector):
    """Counters of the requests of this process.

    The type is `query`, `mutation` or `subscription`; `unknown` where a request to `/graphql` was
    refused before its document was read; `export`, `import`, `file`, `calendar` and `other` for
    other addresses. The outcome is `success`, also of a mutation whose payload has errors;
    `refused` for errors of the caller; `rate_limited`; `failed` for errors of the server.
    """

    def __init__(self) -> None:
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._errors: Counter[str] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, path: str, log_fields: Mapping[str, Any], *, status: int, seconds: float) -> None:
        """Count one request."""
        kind = log_fields.get("operation_type") or _kind(path)
        code = log_fields.get("error_code")
        self._outcomes[kind, _outcome(status, code)] += 1
        if code is not None:
            self._errors[code] += 1
        if (buckets := self._buckets.get(kind)) is None:
            buckets = self._buckets[kind] = [0] * len(_BOUNDS)
            self._seconds[kind] = 0.0
        buckets[bisect_left(BUCKETS, seconds)] += 1
        self._seconds[kind] += seconds

    def collect(self) -> Iterator[Metric]:
        """Yield the current values."""
        requests = CounterMetricFamily(
            "qgp_requests", "Requests by type and outcome.", labels=["type", "outcome"]
        )
        for labels, count in self._outcomes.items():
            requests.add_metric(labels, count)
        yield requests
        errors = CounterMetricFamily(
            "qgp_errors", "Requests by the code of their first error.", labels=["code"]
        )
        for code, count in self._errors.items():
            errors.add_metric([code], count)
        yield errors
        yield self._latency()

    def _latency(self) -> HistogramMetricFamily:
        latency = HistogramMetricFamily(
            "qgp_request_duration_seconds", "Seconds from head to answer.", labels=["type"]
        )
        for kind, buckets in self._buckets.items():
            sums = [sum(buckets[: index + 1]) for index in range(len(buckets))]
            cumulated = list(zip(_BOUNDS, map(float, sums), strict=True))
            latency.add_metric([kind], cumulated, self._seconds[kind])
        return latency


def _kind(path: str) -> str:
    return next((kind for start, kind in _KINDS if path.startswith(start)), "other")


def _outcome(status: int, code: str | None) -> str:
    if code == "RATE_LIMITED" or status == 429:
        return "rate_limited"
    if status >= 500 or code in _FAILED:
        return "failed"
    return "success" if code is None and status < 400 else "refused"


COUNTS = RequestCounts()  # one for the process, like its log
