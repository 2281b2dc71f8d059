"""SIGTERM at every moment, and a start without a database (T17)."""

import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from qgp.embedded import Server
from tests.reliability.serving import FINDING, Served, free_port, serving

NOWHERE = "postgresql://u:p@127.0.0.1:1/none"
FINDINGS = '{ findings(filter: {title: {eq: "Imported"}}) { totalCount } }'
IMPORT = """mutation ($csv: String!) { findingsImport(input: {csv: $csv, isDryRun: false}) {
  rows problems { message } errors { message } } }"""


@pytest.fixture
def beside(served: Served) -> Served:
    """Another process on the same database."""
    return replace(served, port=free_port())


def rows(count: int) -> str:
    return "grade,sourceType,title\n" + "OFI,PROCESS,Imported\n" * count


def catches_signals(process: "subprocess.Popen[str]") -> bool:
    """Whether the process has got as far as to handle SIGTERM itself."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught & 1 << signal.SIGTERM - 1)


@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.9])
def test_a_signal_at_any_moment_of_the_start_ends_the_process_in_order(
    served: Served, beside: Served, share: float
) -> None:
    with serving(beside) as process:
        while not catches_signals(process):
            time.sleep(0.005)
        time.sleep(share * served.start_seconds)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_an_import_that_the_drain_leaves_time_for_is_finished(
    served: Served, beside: Served
) -> None:
    with serving(beside, STOP_SECONDS="20") as process, ThreadPoolExecutor() as pool:
        beside.await_status("/readyz", 200)
        token = beside.sign_in()
        before = imported(served)
        under_way = pool.submit(beside.ask, IMPORT, token, csv=rows(300))
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        answer = under_way.result()
        outcome = {"rows": 300, "problems": [], "errors": []}
        assert answer.json()["data"]["findingsImport"] == outcome
        assert process.wait(timeout=10) == 0
    assert imported(served) == before + 300


def test_an_import_that_takes_longer_is_rolled_back_whole_and_answered(
    served: Served, beside: Served
) -> None:
    with serving(beside, STOP_SECONDS="2") as process, ThreadPoolExecutor() as pool:
        beside.await_status("/readyz", 200)
        token = beside.sign_in()
        before = imported(served)
        under_way = pool.submit(beside.ask, IMPORT, token, csv=rows(4700))
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        answer = under_way.result()
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
        assert "rolled back" in error["message"]
        assert answer.headers["Retry-After"] == "5"
        assert process.wait(timeout=10) == 0
    assert imported(served) == before


def imported(served: Served) -> int:
    """The imported findings."""
    found = served.ask(FINDINGS, served.sign_in()).json()["data"]["findings"]
    count: int = found["totalCount"]
    return count


def test_without_a_database_a_process_listens_and_gives_up_in_a_sentence(beside: Served) -> None:
    nowhere = replace(beside, database_url=NOWHERE)
    with serving(nowhere, DATABASE_START_SECONDS="6", APP_ENV="test") as process:
        nowhere.await_status("/healthz", 200)
        assert nowhere.status("/readyz") == 503
        answer = nowhere.ask(FINDING, "x.y.z")
        assert answer.status_code in {401, 503}
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "The database did not answer within 6 seconds of the start" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("share", [0.7, 1.5])
def test_two_workers_without_a_database_end_in_order_at_any_moment_of_the_start(
    served: Served, beside: Served, share: float
) -> None:
    nowhere = replace(beside, database_url=NOWHERE)
    with serving(nowhere, workers=2, APP_ENV="test") as process:
        while not catches_signals(process):
            time.sleep(0.005)
        time.sleep(share * served.start_seconds)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_two_workers_without_a_database_listen_and_give_up_in_a_sentence(beside: Served) -> None:
    nowhere = replace(beside, database_url=NOWHERE)
    with serving(nowhere, workers=2, DATABASE_START_SECONDS="6", APP_ENV="test") as process:
        nowhere.await_status("/healthz", 200)
        assert nowhere.status("/readyz") == 503
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "The database did not answer within 6 seconds of the start" in output
    assert "Traceback" not in output


def test_a_database_that_comes_later_makes_the_process_ready(
    beside: Served, database: Server
) -> None:
    database.stop()
    with serving(beside) as process:
        beside.await_status("/healthz", 200)
        assert beside.status("/readyz") == 503
        database.start()
        assert beside.await_status("/readyz", 200) < 10
        assert beside.sign_in()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
