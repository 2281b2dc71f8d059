"""Prometheus metrics of mail: attempts by kind of message and outcome."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from qgp.mail.mailer import Mailer


class MailMetrics(Collector):
    """Attempts of a mailer to send messages."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def collect(self) -> Iterator[Metric]:
        """Yield the current values."""
        attempts = CounterMetricFamily(
            "qgp_mails", "Attempts to send a message.", labels=["kind", "outcome"]
        )
        for labels, count in self._mailer.outcomes.items():
            attempts.add_metric(labels, count)
        yield attempts
