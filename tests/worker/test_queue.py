"""The queue of one worker: its listener, and what it logs of jobs that fail."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anyio import CancelScope
from pgqueuer import AsyncpgPoolDriver
from pgqueuer.core.executors import EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.models import Context
from pgqueuer.models import Job as StoredJob
from structlog.testing import capture_logs

from qgp.kit.background_jobs import Job, JobContext, RetryLater
from qgp.worker.direct import ListeningDriver
from qgp.worker.metrics import JobMetrics
from qgp.worker.queue import executor_of, runner_of


async def test_the_listener_is_not_probed_before_it_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = list[str]()

    async def add_listener(*_: Any) -> None:
        calls.append("listen")

    async def notify(*_: Any) -> None:
        calls.append("notify")

    monkeypatch.setattr(AsyncpgPoolDriver, "add_listener", add_listener)
    monkeypatch.setattr(AsyncpgPoolDriver, "notify", notify)
    driver = ListeningDriver(object())
    probing = asyncio.create_task(driver.notify("jobs", "{}"))
    await asyncio.sleep(0)
    await driver.add_listener("jobs", print)
    await probing
    assert calls == ["listen", "notify"]


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (KeyError("defect"), [("job_failed", "error")]),
        (OSError("lost"), [("job_lost_database", "warning")]),
        (RetryLater(timedelta(seconds=1), "not yet"), []),
    ],
)
async def test_the_error_of_a_job_that_will_be_repeated_is_logged(
    error: Exception, logged: list[tuple[str, str]]
) -> None:
    async def run(_: JobContext, __: object) -> None:
        raise error

    job, context = Job("test.job", run), JobContext(None, None)  # type: ignore[arg-type]  # unused
    parameters = EntrypointExecutorParameters(0, runner_of(job, context))
    now = datetime.now(UTC)
    instants = dict.fromkeys(("created", "updated", "heartbeat", "execute_after"), now)
    facts = {"id": 1, "priority": 0, "status": "picked", "payload": None, "headers": None}
    stored = StoredJob(entrypoint=job.name, attempts=2, queue_manager_id=None, **instants, **facts)
    executing = executor_of(job, JobMetrics())(parameters).execute(stored, Context(CancelScope()))
    with capture_logs() as logs, pytest.raises(RetryRequested):
        await executing
    assert [(entry["event"], entry["log_level"]) for entry in logs] == logged
    assert all((entry["job"], entry["attempt"]) == ("test.job", 3) for entry in logs)
