"""Whoever is not signed in costs nothing but the reading of a document."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from qgp.http.limits import Limits
from qgp.http.middleware import with_middleware
from qgp.kit.errors import Unauthenticated
from qgp.schema import build
from tests.http.serving import Client, code, endpoint

BRIEF = Limits(input_values=100)
INFO = "serverInfo { limits { depth } }"
TOLD = {"limits": {"depth": 12}}
FILTERED = "query ($f: FindingFilter) { %s }"


@asynccontextmanager
async def ended(request: Request) -> AsyncIterator[None]:
    """Refuse every header, as where its sign-in has ended."""
    if "authorization" in request.headers:
        raise Unauthenticated("This sign-in has ended.")
    yield None


async def answered(query: str, variables: Any = None, **headers: str) -> Any:
    client = Client(endpoint(schema=build(BRIEF), open_context=ended))
    body = json.dumps({"query": query, "variables": variables}).encode()
    return await client.raw(body, **headers)


async def test_root_fields_that_need_a_sign_in_are_null_and_convert_nothing() -> None:
    query = FILTERED % "a: findings(filter: $f) { totalCount } viewer { permissions }"
    answer = (await answered(query, {"f": {"status": {"eq": "no such status"}}})).json()
    assert answer["data"] == {"a": None, "viewer": None}
    assert [error["path"] for error in answer["errors"]] == [["a"], ["viewer"]]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}


async def test_the_sign_in_comes_before_the_bounds_of_the_input() -> None:
    fields = " ".join(f"a{n}: findings(filter: $f) {{ totalCount }}" for n in range(20))
    answer = (await answered(FILTERED % fields, {"f": {"or": [{}] * 90}})).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}


@pytest.mark.parametrize("also", ["__typename", INFO, "__schema { queryType { name } }"])
async def test_the_other_root_fields_are_answered_without_them(also: str) -> None:
    query = FILTERED % f"{also} findings(filter: $f) {{ totalCount }}"
    answer = (await answered(query, {"f": {"or": [{}] * 90}})).json()
    assert answer["data"].pop("findings") is None
    alone = (await answered(f"{{ {also} }}")).json()
    assert answer["data"] == alone["data"]
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["findings"], "UNAUTHENTICATED")


async def test_fragments_and_directives_are_followed() -> None:
    query = f"""query ($no: Boolean = false) {{
        ...F ...F viewer @include(if: $no) {{ permissions }} ... on Query {{ {INFO} }}
    }} fragment F on Query {{
        me: viewer {{ permissions }} sites @skip(if: true) {{ totalCount }} }}"""
    answer = (await answered(query)).json()
    assert answer["data"] == {"me": None, "serverInfo": TOLD}
    assert [error["path"] for error in answer["errors"]] == [["me"]]


async def test_an_anonymous_document_is_still_held_to_the_rules() -> None:
    response = await answered(f"{{ {INFO} viewer {{ nonsense }} }}")
    assert (response.status_code, code(response)) == (400, "GRAPHQL_VALIDATION_FAILED")


PUBLIC = {
    "serverInfo": f"{{ {INFO} }}",
    "with its type": f"{{ __typename {INFO} }}",
    "in a fragment": f"{{ ...F }} fragment F on Query {{ {INFO} }}",
    "of several operations": f"query A {{ {INFO} }} query B {{ viewer {{ permissions }} }}",
}
DEAD = {
    "dead": "Bearer a.b.c",
    "null": "Bearer null",
    "empty": "",
    "blank": " ",
    "another scheme": "Basic eDp5",
}


@pytest.mark.parametrize("header", DEAD)
@pytest.mark.parametrize("document", PUBLIC)
async def test_what_needs_no_sign_in_ignores_a_header_that_proves_nothing(
    header: str, document: str
) -> None:
    client = Client(endpoint(schema=build(BRIEF), open_context=ended))
    query = PUBLIC[document]
    name = "A" if "query A" in query else None
    body = json.dumps({"query": query, "operationName": name})
    response = await client.raw(body.encode(), Authorization=DEAD[header])
    assert response.status_code == 200
    assert response.json()["data"]["serverInfo"] == TOLD


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { permissions } }",
        f"{{ {INFO} viewer {{ permissions }} }}",
        f"{{ {INFO} __schema {{ queryType {{ name }} }} }}",
        "{ nonsense }",
        "{",
        "mutation { logout { errors { code } } }",
    ],
)
@pytest.mark.parametrize("header", DEAD)
async def test_everything_else_is_refused_with_it(header: str, document: str) -> None:
    response = await answered(document, Authorization=DEAD[header])
    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("document", [PUBLIC["serverInfo"], "{ viewer { permissions } }"])
@pytest.mark.parametrize("path", ["/graphql", "/exports/findings.csv"])
async def test_two_authorization_headers_are_refused(path: str, document: str) -> None:
    app = with_middleware(
        Starlette(),
        origins=[],
        max_in_flight=9,
        by_path={"/graphql": endpoint(schema=build(BRIEF), open_context=ended)},
    )
    headers = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as http:
        answer = await http.post(path, json={"query": document}, headers=headers)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["message"] == "Send one `Authorization` header; this request has 2."
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
