"""Automatic persisted queries: kept once they are valid, for whoever sent them, within bounds."""

import json
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from graphql import GraphQLError

from qgp.http.persisted import ANONYMOUS, PersistedDocuments
from tests.company import Client as Asking
from tests.http.serving import GRAPHQL, JSON, Client, code, endpoint
from tests.http.test_planned_operations import KNOWN, FakeReader

ECHO = "query Echo($text: String!) { echo(text: $text) }"


def persisted(query: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}


async def by_hash(client: Client, query: str, **headers: str) -> httpx2.Response:
    body = {"variables": {"text": "x"}, "extensions": persisted(query)}
    return await client.raw(json.dumps(body).encode(), **headers)


async def with_document(client: Client, query: str, **headers: str) -> httpx2.Response:
    body = {"query": query, "variables": {"text": "x"}, "extensions": persisted(query)}
    return await client.raw(json.dumps(body).encode(), **headers)


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
async def test_an_unknown_hash_is_answered_in_the_words_that_links_look_for(
    accept: str, status: int
) -> None:
    answer = await by_hash(Client(endpoint()), ECHO, Accept=accept)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (status, "PersistedQueryNotFound")
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" not in answer.json()


@pytest.mark.parametrize("reader", [None, FakeReader()], ids=["executed", "read"])
async def test_a_document_sent_with_its_hash_is_known_by_it_from_then_on(reader: Any) -> None:
    client = Client(endpoint(reader=reader, identify=lambda _: "somebody"))
    first = await with_document(client, ECHO, Authorization=KNOWN)
    again = await by_hash(client, ECHO, Authorization=KNOWN)
    assert first.json() == again.json()
    parameters = {"variables": '{"text": "x"}', "extensions": json.dumps(persisted(ECHO))}
    by_get = await client.request("GET", params=parameters, headers={"Authorization": KNOWN})
    assert by_get.json()["data"] == again.json()["data"]


async def test_the_hash_of_another_document_is_refused_and_nothing_is_kept() -> None:
    client = Client(endpoint())
    body = {"query": "{ many }", "extensions": persisted(ECHO)}
    answer = await client.raw(json.dumps(body).encode())
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    for query in ("{ many }", ECHO):
        assert code(await by_hash(client, query)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "extension",
    [
        {},
        [],
        "x",
        {"version": 2, "sha256Hash": "a" * 64},
        {"version": 1},
        {"version": 1, "sha256Hash": "short"},
        {"version": 1, "sha256Hash": 7},
    ],
)
async def test_an_extension_that_cannot_be_read_is_refused(extension: Any) -> None:
    body = json.dumps({"query": "{ many }", "extensions": {"persistedQuery": extension}}).encode()
    assert (await Client(endpoint()).raw(body)).status_code == 400


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "{ " + "a: __typename " * 400 + "}", "{ clause { parent { parent"]
)
async def test_what_is_invalid_or_too_large_is_not_kept(query: str) -> None:
    client = Client(endpoint(identify=lambda _: "somebody"))
    for headers in ({}, {"Authorization": KNOWN}):
        assert (await with_document(client, query, **headers)).json()["errors"]
        assert code(await by_hash(client, query)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_what_the_anonymous_may_not_run_is_not_kept_for_them(api: Asking) -> None:
    query = "{ sites { totalCount } }"
    body = {"query": query, "extensions": persisted(query)}
    only = {"extensions": persisted(query)}
    token = api.http.headers.pop("authorization")
    assert "errors" in (await api.http.post("/graphql", json=body)).json()
    api.http.headers["authorization"] = token
    answer = (await api.http.post("/graphql", json=only)).json()
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert (await api.http.post("/graphql", json=body)).json()["data"]
    assert (await api.http.post("/graphql", json=only)).json()["data"]


async def test_persisted_queries_that_are_switched_off_are_not_supported() -> None:
    client = Client(
        endpoint(identify=lambda _: "somebody", persisted=PersistedDocuments(is_on=False))
    )
    assert (await with_document(client, ECHO)).json()["data"] == {"echo": "x"}
    assert code(await by_hash(client, ECHO)) == "PERSISTED_QUERY_NOT_SUPPORTED"


def kept(store: PersistedDocuments, owner: str, *names: str) -> None:
    for name in names:
        store.keep(sha256(name.encode()).hexdigest(), name, owner)


def knows(store: PersistedDocuments, name: str) -> bool:
    try:
        return bool(store.resolve(None, persisted(name))[0] == name)
    except GraphQLError:
        return False


def test_whoever_fills_most_of_the_store_makes_room_in_it() -> None:
    store = PersistedDocuments(most=4)
    kept(store, "ann", "{ a1 }", "{ a2 }")
    kept(store, ANONYMOUS, *[f"{{ x{number} }}" for number in range(100)])
    assert len(store) == 4
    assert [knows(store, name) for name in ("{ a1 }", "{ a2 }", "{ x99 }", "{ x98 }")] == [True] * 4
    assert not knows(store, "{ x97 }")


def test_the_store_is_bounded_by_bytes_and_forgets_what_was_not_used() -> None:
    store = PersistedDocuments(most_bytes=30)
    kept(store, "ann", "{ one____ }", "{ two____ }")
    assert knows(store, "{ one____ }")
    kept(store, "ann", "{ three__ }")
    assert [knows(store, name) for name in ("{ one____ }", "{ two____ }")] == [True, False]
