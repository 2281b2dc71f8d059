"""Queries by GET: only with a token, never a mutation, and asked about by their ETag."""

from typing import Any

import httpx2
import pytest

from qgp.kit.gql.operation import Answered, Operation
from tests.company import Client as Asking
from tests.company import Company
from tests.http.serving import Client, code, endpoint
from tests.http.test_planned_operations import KNOWN, FakeReader

ECHO = 'query Echo { echo(text: "x") }'


def echo(operation: Operation, *_: object) -> Answered:
    return Answered(b'{"echo":"x"}' if '"x"' in operation.text else b'{"echo":"y"}')


async def get(query: str, *, client: Client | None = None, **headers: str) -> httpx2.Response:
    sent = {"Authorization": KNOWN, **{name.replace("_", "-"): headers[name] for name in headers}}
    client = client or Client(endpoint())
    return await client.request("GET", params={"query": query}, headers=sent)


async def test_a_query_is_answered_as_by_post_and_may_be_kept_for_its_reader() -> None:
    answer = await get(ECHO)
    assert (answer.status_code, answer.json()["data"]) == (200, {"echo": "x"})
    assert answer.headers["ETag"].startswith('W/"')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]


@pytest.mark.parametrize("reader", [None, FakeReader(echo)], ids=["executed", "read"])
async def test_a_matching_etag_returns_304_without_a_body(reader: Any) -> None:
    client = Client(endpoint(reader=reader))
    first = await get(ECHO, client=client)
    same = await get(ECHO, client=client, If_None_Match=f'"other", {first.headers["ETag"]}')
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]
    assert "Content-Type" not in same.headers
    packed = await get(ECHO, client=client, Accept_Encoding="gzip, identity;q=0")
    assert packed.headers["ETag"] == first.headers["ETag"]
    changed = await get('{ echo(text: "y") }', client=client, If_None_Match=first.headers["ETag"])
    assert (changed.status_code, changed.json()["data"]) == (200, {"echo": "y"})


@pytest.mark.parametrize("query", [ECHO, "{", "{ nothing }", 'mutation { login(password: "x") }'])
async def test_nobody_asks_by_get_without_a_token(query: str) -> None:
    answer = await Client(endpoint()).request("GET", params={"query": query})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_where_it_is_off_a_token_does_not_help() -> None:
    answer = await get(ECHO, client=Client(endpoint(get=False)))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_an_answer_with_errors_is_not_kept() -> None:
    for query in ("{ nothing }", "{ broken }", "{"):
        answer = await get(query)
        assert answer.json()["errors"]
        assert "ETag" not in answer.headers


async def test_a_parameter_comes_once() -> None:
    pairs = [("query", ECHO), ("query", "{ broken }")]
    answer = await Client(endpoint()).request("GET", params=pairs, headers={"Authorization": KNOWN})
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_the_application_serves_it_by_default(api: Asking, company: Company) -> None:
    parameters = {
        "query": "query ($n: Int) { sites(first: $n) { totalCount } }",
        "variables": '{"n":1}',
    }
    answer = await api.http.get("/graphql", params=parameters)
    assert (answer.status_code, answer.json()["data"]) == (200, {"sites": {"totalCount": 0}})
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert (await api.http.get("/graphql", params=parameters, headers=tag)).status_code == 304
    await api.do("siteCreate", "site { id }", code="BER", name="Berlin")
    after = await api.http.get("/graphql", params=parameters, headers=tag)
    assert (after.status_code, after.json()["data"]) == (200, {"sites": {"totalCount": 1}})
    for header in ("Bearer nonsense", f"Basic {company.owner.token}"):
        headers = {"Authorization": header}
        for query in ("{ sites { totalCount } }", "{ serverInfo { version } }"):
            answer = await api.http.get("/graphql", params={"query": query}, headers=headers)
            assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    mutation = "mutation { logout(input: {}) { errors { code } } }"
    answer = await api.http.get("/graphql", params={"query": mutation})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert (await api.http.get("/graphql", params=parameters)).status_code == 200
