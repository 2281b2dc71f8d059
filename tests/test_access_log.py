from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from qgp.http.access_log import (
    CLIENT_CLOSED_REQUEST,
    AccessLog,
    AccessLogEntry,
    LoggedClient,
)
from tests.asgi import Message, scope_of
from tests.company import Client, Company, client

DISCONNECT = {"type": "http.disconnect"}
Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Log entries of the test."""
    with capture_logs() as written:
        yield written


async def test_an_access_log_entry_has_the_caller_and_the_number_of_statements(
    lines: Lines, api: Client, company: Company
) -> None:
    await api.ask("{ viewer { user { name } } }")
    entry = lines[-1]
    assert entry["organization"] == f"org_{company.organization_id.hex}"
    assert entry["user"] == company.owner.id
    assert entry["statements"] == len(api.statements)


async def test_a_write_counts_the_statements_of_its_transaction(lines: Lines, api: Client) -> None:
    await api.do("siteCreate", code="S1", name="A site")
    assert lines[-1]["statements"] == len(api.statements) > 2


async def test_nobody_is_not_named(lines: Lines, company: Company) -> None:
    async with client(company.application) as nobody:
        await nobody.ask("{ __typename }")
    assert lines[-1]["statements"] == 0
    assert {"organization", "user"}.isdisjoint(lines[-1])


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/graphql", b"application/json"), ("/imports/findings.csv", b"text/csv")],
)
async def test_a_client_that_hangs_up_within_the_body_is_no_failure(
    lines: Lines, company: Company, path: str, content_type: bytes
) -> None:
    sent = iter(({"type": "http.request", "body": b"{", "more_body": True}, DISCONNECT))

    async def receive() -> Message:
        return next(sent)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    authorized = {"authorization": f"Bearer {company.owner.token}"}
    scope = scope_of(path, authorized, ("127.0.0.1", 1))
    scope["headers"] = [*{**dict(scope["headers"]), b"content-type": content_type}.items()]
    await company.application.asgi(scope, receive, send)
    assert (lines[-1]["status"], lines[-1]["log_level"]) == (CLIENT_CLOSED_REQUEST, "info")


@pytest.mark.parametrize(
    ("part", "host", "client"),
    [
        (LoggedClient.NETWORK, "192.0.2.77", "192.0.2.0/24"),
        (LoggedClient.NETWORK, "::ffff:192.0.2.77", "192.0.2.0/24"),
        (LoggedClient.NETWORK, "2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        (LoggedClient.NETWORK, "fe80::1%eth0", "fe80::/48"),
        (LoggedClient.NETWORK, "testclient", None),
        (LoggedClient.ADDRESS, "192.0.2.77", "192.0.2.77"),
        (LoggedClient.ADDRESS, "", None),
        (LoggedClient.NONE, "192.0.2.77", None),
    ],
)
def test_a_line_names_as_much_of_the_client_as_is_set(
    lines: Lines, part: LoggedClient, host: str, client: str | None
) -> None:
    AccessLog(part).write(AccessLogEntry("1", "GET", "/", host, 200, 0.1), {})
    assert lines[-1].get("client") == client


@pytest.mark.parametrize(
    ("status", "level"), [(200, "info"), (404, "info"), (500, "error"), (503, "warning")]
)
def test_what_a_later_attempt_mends_is_a_warning(lines: Lines, status: int, level: str) -> None:
    AccessLog().write(
        AccessLogEntry("1", "GET", "/readyz", "", status, 0.1), {"reason": "process: draining"}
    )
    assert (lines[-1]["log_level"], lines[-1]["reason"]) == (level, "process: draining")
