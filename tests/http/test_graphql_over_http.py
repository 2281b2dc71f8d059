"""The 61 audits of npm graphql-http 1.23.1 under their ids; `make conformance` runs those.

Audits of queries by GET are run against an endpoint that allows them, as the originals are.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.http.serving import GRAPHQL, JSON, Client, endpoint

ASK = "{ __typename }"
TYPE = "query Type($name: String!) { __type(name: $name) { name } }"
COERCE = "query CoerceFailure($id: ID!){ __typename }"
UNKNOWN = "{ 8f31403dfe404bccbb0e835f2629c6a7 }"
BROKEN = b'{ "not a JSON'

CLIENT_ERROR = range(400, 500)
ANY_ERROR = range(400, 600)


@dataclass
class Audit:
    id: str
    name: str
    status: int | range = 200
    body: Any = None
    accept: str | None = JSON
    content_type: str | None = JSON
    query_string: dict[str, str] | None = None
    media: str | None = None
    absent: list[str] = field(default_factory=list)


def asks(**parameters: Any) -> dict[str, Any]:
    return {"query": ASK} | parameters


def for_both(ids: tuple[str, str], name: str, **parameters: Any) -> list[Audit]:
    """The same request for the newer and the older media type; the older answers no errors."""
    newer, older = ids
    return [
        Audit(newer, f"{name}, newer type", body=asks(**parameters), accept=GRAPHQL),
        Audit(older, f"{name}, older type", body=asks(**parameters), absent=["errors"]),
    ]


def invalid(prefix: str, parameter: str, values: list[Any]) -> list[Audit]:
    return [
        Audit(
            f"{prefix}{index}",
            f"{json.dumps(value)} as {parameter} is refused",
            400,
            asks(**{parameter: value}),
            accept=None,
        )
        for index, value in enumerate(values)
    ]


NO_STRINGS = [{"obj": "ect"}, 0, False, ["array"]]
NO_MAPS = ["string", 0, False, ["array"]]
BY_GET = {"query": TYPE, "variables": '{"name": "sometype"}'}

AUDITS = [
    Audit("22EB", "the newer type is answered", body=asks(), accept=GRAPHQL, media=GRAPHQL),
    Audit("4655", "the older type is answered", body=asks(), media=JSON),
    Audit("47DE", "any type means the older", body=asks(), accept="*/*", media=JSON),
    Audit("80D8", "no Accept means the older", body=asks(), accept=None, media=JSON),
    Audit("82A3", "the answer is UTF-8", body=asks(), accept=None),
    Audit(
        "BF61",
        "a request in UTF-8 is read",
        body={"query": '{ __type(name: "Run🏃Swim🏊") { name } }'},
        content_type="application/json; charset=utf-8",
        accept=None,
    ),
    Audit("78D5", "UTF-8 is assumed", body=asks(), accept=None),
    Audit("2C94", "POST is served", body=asks(), accept=None),
    Audit("5A70", "GET is served", query_string={"query": ASK}, accept=None),
    Audit(
        "9C48",
        "a mutation by GET is refused",
        CLIENT_ERROR,
        query_string={"query": "mutation { __typename }"},
        accept=GRAPHQL,
    ),
    Audit("9ABE", "no Content-Type is refused", CLIENT_ERROR, asks(), content_type=None),
    Audit("03D4", "JSON is read", body=asks(), accept=None),
    Audit("A5BF", "no body is refused", 400, b"", accept=None),
    Audit("423L", "no query is refused", 400, {"notquery": ASK}, accept=GRAPHQL),
    *invalid("LKJ", "query", NO_STRINGS),
    Audit("34A2", "a query is read, newer type", body=asks(), accept=GRAPHQL),
    Audit("13EE", "a query is read, older type", body=asks(), absent=["errors"]),
    *invalid("6C0", "operationName", NO_STRINGS),
    *for_both(
        ("8161", "B8B3"),
        "a name is read",
        operationName="Query",
        query="query Query { __typename }",
    ),
    *for_both(("94B0", "0220"), "null variables are read", variables=None),
    *for_both(("94B1", "0221"), "a null name is read", operationName=None),
    *for_both(("94B2", "0222"), "null extensions are read", extensions=None),
    *invalid("476", "variables", NO_MAPS),
    *for_both(("2EA1", "28B9"), "variables are read", query=TYPE, variables={"name": "sometype"}),
    Audit("D6D5", "variables by GET", query_string=BY_GET, accept=GRAPHQL, absent=["errors"]),
    Audit("6A70", "variables by GET, older type", query_string=BY_GET, absent=["errors"]),
    *invalid("58B", "extensions", NO_MAPS),
    *for_both(("428F", "1B7A"), "extensions are read", extensions={"some": "value"}),
    Audit("B6DC", "broken JSON has a status", range(200, 600), BROKEN),
    Audit("BCF8", "broken JSON is refused, older type", 400, BROKEN),
    Audit("B7N8", "broken JSON is refused, newer type", 400, BROKEN, accept=GRAPHQL),
    Audit("8764", "a misspelt parameter is refused", ANY_ERROR, {"qeury": ASK}, accept=None),
    Audit("3E3A", "a misspelt parameter is a 400", 400, {"qeury": ASK}, accept=None),
    Audit("572B", "a syntax error is 200 for the older type", 200, {"query": "{"}),
    Audit("FDE2", "an invalid document is 200 for the older type", 200, {"query": UNKNOWN}),
    Audit(
        "7B9B",
        "a failed coercion is 200 for the older type",
        200,
        {"query": COERCE, "variables": {"id": None}},
    ),
    Audit("865D", "a syntax error has an error status", ANY_ERROR, {"query": "{"}, accept=GRAPHQL),
    Audit("556A", "a syntax error is a 400", 400, {"query": "{"}, accept=GRAPHQL),
    Audit("D586", "a syntax error has no data", 400, {"query": "{"}, GRAPHQL, absent=["data"]),
    Audit(
        "51FE", "an invalid document has an error status", ANY_ERROR, {"query": UNKNOWN}, GRAPHQL
    ),
    Audit("74FF", "an invalid document is a 400", 400, {"query": UNKNOWN}, accept=GRAPHQL),
    Audit(
        "5E5B", "an invalid document has no data", 400, {"query": UNKNOWN}, GRAPHQL, absent=["data"]
    ),
    Audit(
        "86EE",
        "a failed coercion is a 400",
        400,
        {"query": COERCE, "variables": {"id": None}},
        accept=GRAPHQL,
    ),
]


def test_there_are_as_many_audits_as_in_the_original() -> None:
    assert len({audit.id for audit in AUDITS}) == len(AUDITS) == 61


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: f"{audit.id} {audit.name}")
async def test_the_audit_passes(audit: Audit) -> None:
    client = Client(endpoint())
    headers = {"Authorization": "Bearer x"} | ({"Accept": audit.accept} if audit.accept else {})
    if audit.query_string:
        response = await client.request("GET", params=audit.query_string, headers=headers)
    else:
        if audit.content_type:
            headers["Content-Type"] = audit.content_type
        body = audit.body if isinstance(audit.body, bytes) else json.dumps(audit.body).encode()
        response = await client.request("POST", content=body, headers=headers)
    statuses = audit.status if isinstance(audit.status, range) else (audit.status,)
    assert response.status_code in statuses
    if audit.media:
        assert response.headers["Content-Type"] == f"{audit.media}; charset=utf-8"
    assert not {*audit.absent} & response.json().keys()
