import logging as stdlib
from collections.abc import Iterator

import pytest
import structlog

from qgp.http import logging
from tests.http.logged import Logged, logged


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    with logged(capsys) as written:
        yield written


def test_our_lines_and_those_of_libraries_have_one_shape(output: Logged) -> None:
    logging.configure()
    structlog.stdlib.get_logger("qgp.x").warning("ours", port=1)
    stdlib.getLogger("uvicorn.error").warning("theirs %d", 2)
    ours, theirs = output.entries()
    assert (ours["level"], ours["logger"], ours["event"], ours["port"]) == (
        "WARNING",
        "qgp.x",
        "ours",
        1,
    )
    assert (theirs["level"], theirs["logger"], theirs["event"]) == (
        "WARNING",
        "uvicorn.error",
        "theirs 2",
    )
    assert ours["at"].endswith("Z")


@pytest.mark.parametrize("as_json", [True, False])
def test_errors_are_found_by_the_runbooks_grep(output: Logged, as_json: bool) -> None:
    logging.configure(as_json=as_json)
    stdlib.getLogger("qgp").error("it broke")
    assert "ERROR" in output.text()


def test_less_severe_events_are_left_out(output: Logged) -> None:
    logging.configure(level="WARNING")
    structlog.stdlib.get_logger("qgp").info("quiet")
    stdlib.getLogger("qgp").info("quiet")
    assert not output.text()


def test_a_traceback_is_one_line_without_what_the_database_quotes(output: Logged) -> None:
    logging.configure()
    message = (
        "duplicate key\nDETAIL:  Key (email)=(PRIVATE) already exists.\n"
        "[SQL: INSERT INTO accounts\nVALUES ($1)]\n[parameters: ('PRIVATE',)]\nend"
    )
    try:
        raise RuntimeError(message)
    except RuntimeError:
        stdlib.getLogger("qgp").exception("failed")
    (entry,) = output.entries()
    assert "RuntimeError: duplicate key" in entry["exception"]
    assert entry["exception"].endswith("end")
    assert "PRIVATE" not in str(entry)
    assert "INSERT" not in str(entry)


def test_the_library_that_prints_whole_documents_is_silent(output: Logged) -> None:
    logging.configure()
    stdlib.getLogger("strawberry.execution").error("{ query }")
    assert not output.text()


@pytest.mark.parametrize(("echo", "lines"), [(True, 1), (False, 0)])
def test_statements_are_shown_on_request(output: Logged, echo: bool, lines: int) -> None:
    logging.configure(echo=echo)
    stdlib.getLogger("sqlalchemy.engine.Engine").info("SELECT 1")
    assert len(output.entries()) == lines


FIELDS = {"method": "POST", "status": 200, "ms": 1.5, "operation_name": "Größe", "cost": 3}


def test_a_line_made_at_once_is_the_line_that_structlog_makes(output: Logged) -> None:
    logging.configure()
    logging.request_id.set("r-1")
    logger = stdlib.getLogger("qgp.access")
    shared = logging.SharedFields(FIELDS)
    logging.line(logger, stdlib.ERROR, "request", {"request_id": "r-1"}, shared)
    structlog.stdlib.get_logger("qgp.access").error("request", **FIELDS)
    logging.request_id.set(None)
    logging.line(logger, stdlib.INFO, "request", {})
    at_once, usual, without = output.entries()
    assert list(at_once.items())[1:] == list(usual.items())[1:]
    assert list(at_once)[:5] == ["at", "level", "logger", "event", "request_id"]
    assert list(without) == ["at", "level", "logger", "event"]


def test_a_line_made_at_once_heeds_the_level(output: Logged) -> None:
    logging.configure(level="WARNING")
    logging.line(stdlib.getLogger("qgp.access"), stdlib.INFO, "request", FIELDS)
    assert not output.text()
    logging.line(stdlib.getLogger("qgp.access"), stdlib.ERROR, "request", FIELDS)
    assert len(output.entries()) == 1


def test_people_are_shown_the_same_line_readably(output: Logged) -> None:
    logging.configure(as_json=False)
    logging.line(stdlib.getLogger("qgp.access"), stdlib.INFO, "request", FIELDS)
    text = output.text()
    assert "operation_name=Größe" in text
    assert not text.startswith("{")


def test_a_line_goes_wherever_the_loggers_go(
    output: Logged, caplog: pytest.LogCaptureFixture
) -> None:
    logging.configure()
    stdlib.getLogger().addHandler(caplog.handler)
    logging.line(stdlib.getLogger("qgp.access"), stdlib.INFO, "request", FIELDS)
    assert len(output.entries()) == len(caplog.records) == 1
