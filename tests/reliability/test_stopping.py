"""SIGTERM at every moment, and a start without a database (T17)."""

import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qgp.embedded import Server
from tests import preloading
from tests.preloading import Process, Started
from tests.reliability import light
from tests.reliability.serving import (
    FINDING,
    IMPORT,
    Served,
    await_writing,
    free_port,
    import_rows,
    imported,
    preloaded,
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


PATIENCE = str(light.START_SECONDS)  # no more than it takes to notice the wait


@contextmanager
def lightly_serving(served: Served) -> Iterator[Process]:
    """Serve with two workers, whose application loads quickly, until the block ends."""
    name = light.__name__
    with preloading.forker().start(
        f"from {name} import main; main()",
        name,
        str(served.port),
        modules=[name],
        environment=served.environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def await_line(process: Process, text: str) -> None:
    """Read what the process says until a line has the text."""
    assert process.stdout is not None
    assert any(text in line for line in process.stdout), f"the process ended without: {text}"


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


EXHAUSTIVE = pytest.mark.exhaustive


@pytest.mark.parametrize(
    "share", [0, *(pytest.param(at, marks=EXHAUSTIVE) for at in (0.3, 0.6)), 0.9]
)
def test_a_signal_at_any_moment_of_the_start_ends_the_process_in_order(
    beside: Served, share: float
) -> None:
    with serving(beside) as process:
        end_at(beside, process, share)


@pytest.mark.exhaustive
@pytest.mark.parametrize("share", [0.7, 1.5])
def test_two_workers_without_a_database_end_in_order_at_any_moment_of_the_start(
    nowhere: Served, share: float
) -> None:
    with serving(nowhere, workers=2, APP_ENV="test") as process:
        end_at(nowhere, process, share)


@pytest.mark.parametrize("moment", ["Started parent process", light.LOADING])
def test_a_signal_while_two_workers_start_ends_them_in_order(nowhere: Served, moment: str) -> None:
    with lightly_serving(nowhere) as process:
        await_line(process, moment)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Traceback" not in output


def gives_up(process: Started) -> None:
    """The process ends by itself, with a sentence."""
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output
    assert "The database did not answer within 6 seconds of the start" in output
    assert "Traceback" not in output


def listens(served: Served) -> None:
    """The process answers, and is not ready."""
    served.await_status("/healthz", 200)
    assert served.status("/readyz") == 503


def test_without_a_database_processes_listen_and_give_up_in_a_sentence(nowhere: Served) -> None:
    of_two = replace(nowhere, port=free_port())
    with preloaded(nowhere, APP_ENV="test", DATABASE_START_SECONDS=PATIENCE) as alone:
        listens(nowhere)
        with lightly_serving(of_two) as supervisor:
            listens(of_two)
            gives_up(supervisor)
        gives_up(alone)


@pytest.mark.exhaustive
def test_two_workers_of_the_product_without_a_database_listen_and_give_up_in_a_sentence(
    nowhere: Served,
) -> None:
    with serving(nowhere, workers=2, APP_ENV="test", DATABASE_START_SECONDS=PATIENCE) as process:
        listens(nowhere)
        gives_up(process)


@dataclass
class Late:
    """A process that was started before its database.

    Attributes:
        statuses: what `/healthz`, `/readyz` and a mutation had until the database came.
        seconds: how long it took then to be ready.
    """

    served: Served
    process: Process
    statuses: tuple[int | None, int | None, int]
    seconds: float


@pytest.fixture(scope="module")
def late(served: Served, database: Server) -> Iterator[Late]:
    beside = replace(served, port=free_port())
    database.stop()
    with preloaded(beside, STOP_SECONDS="2") as process:
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
