"""SIGTERM at every moment, and a start without a database (T17)."""

import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qgp.embedded import Server
from tests.reliability.serving import (
    FINDING,
    IMPORT,
    Served,
    await_writing,
    free_port,
    import_rows,
    imported,
    serving,
)

NOWHERE = "postgresql://u:p@127.0.0.1:1/none"


@pytest.fixture
def beside(served: Served) -> Served:
    """Another process on the same database."""
    return replace(served, port=free_port())


@pytest.fixture
def nowhere(beside: Served) -> Served:
    """A process without a database."""
    return replace(beside, database_url=NOWHERE)


def catches_signals(process: "subprocess.Popen[str]") -> bool:
    """Whether the process has got as far as to handle SIGTERM itself."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught & 1 << signal.SIGTERM - 1)


def end_at(served: Served, process: "subprocess.Popen[str]", share: float) -> None:
    """Send SIGTERM when a share of the time of a start is over; the process ends in order."""
    while not catches_signals(process):
        time.sleep(0.005)
    time.sleep(share * served.start_seconds)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)  # a busy machine loads slowly
    assert process.returncode == 0, output
    assert "Traceback" not in output


MOMENTS = [0, 0.3, 0.6, 0.9]


@pytest.mark.parametrize(
    "share",
    [pytest.param(at, marks=pytest.mark.exhaustive) if at in {0, 0.6} else at for at in MOMENTS],
)
def test_a_signal_at_any_moment_of_the_start_ends_the_process_in_order(
    beside: Served, share: float
) -> None:
    with serving(beside) as process:
        end_at(beside, process, share)


@pytest.mark.parametrize("share", [0.7, pytest.param(1.5, marks=pytest.mark.exhaustive)])
def test_two_workers_without_a_database_end_in_order_at_any_moment_of_the_start(
    nowhere: Served, share: float
) -> None:
    with serving(nowhere, workers=2, APP_ENV="test") as process:
        end_at(nowhere, process, share)


@pytest.mark.parametrize("workers", [1, 2])
def test_without_a_database_processes_listen_and_give_up_in_a_sentence(
    nowhere: Served, workers: int
) -> None:
    patience = {"DATABASE_START_SECONDS": "6", "APP_ENV": "test"}
    with serving(nowhere, workers=workers, **patience) as process:
        nowhere.await_status("/healthz", 200)
        assert nowhere.status("/readyz") == 503
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "The database did not answer within 6 seconds of the start" in output
    assert "Traceback" not in output


@dataclass
class Late:
    """A process that was started before its database.

    Attributes:
        statuses: what `/healthz`, `/readyz` and a mutation had until the database came.
        seconds: how long it took then to be ready.
    """

    served: Served
    process: "subprocess.Popen[str]"
    statuses: tuple[int | None, int | None, int]
    seconds: float


@pytest.fixture(scope="module")
def late(served: Served, database: Server) -> Iterator[Late]:
    beside = replace(served, port=free_port())
    database.stop()
    with serving(beside, STOP_SECONDS="2") as process:
        beside.await_status("/healthz", 200)
        mutation = beside.ask(FINDING, "x.y.z").status_code
        statuses = (beside.status("/healthz"), beside.status("/readyz"), mutation)
        database.start()
        seconds = beside.await_status("/readyz", 200)
        served.await_status("/readyz", 200)
        yield Late(beside, process, statuses, seconds)


def test_a_database_that_comes_later_makes_the_process_ready(late: Late) -> None:
    assert late.statuses[:2] == (200, 503)
    assert late.statuses[2] in {401, 503}
    assert late.seconds < 10
    assert late.served.sign_in()


def test_an_import_that_takes_longer_than_the_drain_is_rolled_back_whole_and_answered(
    served: Served, late: Late, database: Server
) -> None:
    token = late.served.sign_in()
    before = imported(served)
    with ThreadPoolExecutor() as pool:
        under_way = pool.submit(late.served.ask, IMPORT, token, csv=import_rows(4700))
        await_writing(database)
        late.process.send_signal(signal.SIGTERM)
        answer = under_way.result()
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert "rolled back" in error["message"]
    assert answer.headers["Retry-After"] == "5"
    assert late.process.wait(timeout=10) == 0
    assert imported(served) == before
