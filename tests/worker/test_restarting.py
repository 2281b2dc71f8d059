"""Background work goes on after every error."""

import asyncio

import pytest
from structlog.testing import capture_logs

from qgp.worker import restarting


async def test_work_is_run_again_after_any_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "_PAUSE", 0)
    outcomes, complete = [KeyError("defect"), OSError("lost"), None], asyncio.Event()

    async def run() -> None:
        if not outcomes:
            complete.set()
            await asyncio.Event().wait()
        if (error := outcomes.pop(0)) is not None:
            raise error

    with capture_logs() as logs:
        running = asyncio.create_task(restarting.run_again("test", run))
        await complete.wait()
        running.cancel()
        await asyncio.wait({running})
    assert running.cancelled()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("background_work_failed", "error"),
        ("background_lost_database", "warning"),
    ]
