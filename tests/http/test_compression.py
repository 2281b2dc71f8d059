"""Content coding of responses by the weights of `Accept-Encoding` (RFC 9110, 12.5.3)."""

import threading

import pytest

from qgp.http import compression, response
from qgp.http.compression import preferred_coding, refuses_identity
from tests.http.serving import Client, code, endpoint
from tests.http.test_middleware import application, client

CODINGS: dict[str, str | None] = {
    "": "identity",
    "gzip": "gzip",
    "gzip, br, zstd": "zstd",
    "gzip, deflate, br": "br",
    "gzip;q=1.0, br;q=0.5": "gzip",
    "zstd;q=0.1, br;q=0.2, gzip;q=0.3": "gzip",
    "br;q=0, gzip": "gzip",
    "br;q=0": "identity",
    "gzip;q=0.5, identity;q=1": "identity",
    "gzip;q=0.5, identity;q=0.5": "gzip",
    "identity": "identity",
    "identity, gzip;q=0.9": "identity",
    "*": "zstd",
    "zstd;q=0, *": "br",
    "*;q=0.5, gzip": "gzip",
    "*;q=0, gzip;q=0.1": "gzip",
    "identity;q=0, gzip;q=0.2": "gzip",
    "GZIP;Q=0.8": "gzip",
    "deflate": "identity",
    "gzip;q=nonsense": "identity",
    "gzip;q=2": "identity",
    "*;q=0": None,
    "identity;q=0": None,
    "identity;q=0, deflate": None,
    "identity;q=0, *": "zstd",
}


@pytest.mark.parametrize("accepted", CODINGS)
def test_the_highest_weight_wins_and_zero_refuses(accepted: str) -> None:
    assert preferred_coding(accepted) == CODINGS[accepted]


@pytest.mark.parametrize("accepted", [text for text, coding in CODINGS.items() if text and coding])
async def test_an_answer_has_the_coding_that_is_liked_best(accepted: str) -> None:
    expected = CODINGS[accepted]
    async with client(application()) as asking:
        answer = await asking.get("/long", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding", "identity") == expected


async def test_a_short_answer_is_compressed_where_identity_is_refused() -> None:
    assert refuses_identity("identity;q=0, gzip")
    assert not refuses_identity("gzip;q=1.0, identity")
    async with client(application()) as asking:
        answer = await asking.get("/answer", headers={"Accept-Encoding": "identity;q=0, gzip"})
    assert (answer.headers["Content-Encoding"], answer.json()) == ("gzip", {"data": None})
    answer = await Client(endpoint()).post("{ __typename }")
    assert "Content-Encoding" not in answer.headers
    body = b'{"query": "{ __typename }"}'
    answer = await Client(endpoint()).raw(body, Accept_Encoding="gzip, identity;q=0")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_large_answer_is_compressed_beside_the_loop_and_is_the_same(
    coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, threads = [], list[bool]()
    preferred = compression.preferred_coding

    def noting(accepted: str) -> str | None:
        threads.append(threading.current_thread() is threading.main_thread())
        return preferred(accepted)

    monkeypatch.setattr(compression, "preferred_coding", noting)
    for size in (response.LARGE - 1_000, response.LARGE):
        body = b'{"query": "query ($n: Int!) { long(times: $n) }", "variables": {"n": %d}}' % size
        answers.append(await Client(endpoint()).raw(body, Accept_Encoding=coding))
    small, large = answers
    assert threads == [True, False]
    for answer in answers:
        assert answer.headers["Content-Encoding"] == coding
    assert small.headers.keys() == large.headers.keys()


async def test_an_unacceptable_content_coding_is_refused_before_execution() -> None:
    served = Client(endpoint())
    answer = await served.raw(b'{"query": "{ broken }"}', Accept_Encoding="identity;q=0")
    assert (answer.status_code, code(answer)) == (406, "BAD_REQUEST")
    assert "operation_name" not in served.log_fields
    async with client(application()) as asking:
        refused = await asking.get("/broken", headers={"Accept-Encoding": "*;q=0"})
    assert (refused.status_code, code(refused)) == (406, "BAD_REQUEST")
