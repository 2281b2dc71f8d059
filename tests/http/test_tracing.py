"""A request's trace is continued into the log, and a malformed one is ignored."""

import re

import pytest

from qgp.http import logging
from qgp.http.request_head import RequestHead
from qgp.http.tracing import trace_of
from tests.http.logged import Logged
from tests.http.test_middleware import application, client, lines, requests_in

__all__ = ["lines"]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def trace(*values: str) -> dict[str, str]:
    headers = [(b"traceparent", value.encode()) for value in values]
    return trace_of(RequestHead({"method": "POST", "headers": headers}))


@pytest.mark.parametrize(
    "value", [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"01-{TRACE}-{PARENT}-01-more"]
)
def test_the_trace_goes_on_in_a_span_of_our_own(value: str) -> None:
    one, other = trace(value), trace(value)
    assert one["trace_id"] == other["trace_id"] == TRACE
    assert re.fullmatch("[0-9a-f]{16}", one["span_id"])
    assert len({one["span_id"], other["span_id"], PARENT}) == 3


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        (f"ff-{TRACE}-{PARENT}-01",),
        (f"00-{'0' * 32}-{PARENT}-01",),
        (f"00-{TRACE}-{'0' * 16}-01",),
        (f"00-{TRACE.upper()}-{PARENT}-01",),
        (f"00-{TRACE}-{PARENT}-01-more",),
        (f"00-{TRACE}-{PARENT}",),
        (f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01"),
        ("00-" + "g" * 32 + f"-{PARENT}-01",),
    ],
)
def test_what_is_no_traceparent_is_ignored(values: tuple[str, ...]) -> None:
    assert trace(*values) == {}


async def test_every_line_of_a_request_has_its_trace(lines: Logged) -> None:
    logging.configure()
    async with client(application()) as asking:
        await asking.get("/broken", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        await asking.get("/answer", headers={"traceparent": "00-nonsense"})
    traced, plain = requests_in(lines)
    assert traced["trace_id"] == TRACE
    assert re.fullmatch("[0-9a-f]{16}", traced["span_id"])
    assert not {"trace_id", "span_id"} & plain.keys()
