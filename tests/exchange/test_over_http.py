"""How a file comes over HTTP: methods, refusals, and what happens when something breaks."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from qgp.app import Application
from qgp.http.exports import Exports
from qgp.http.middleware import with_middleware
from qgp.kit.gql.exports import Export
from qgp.kit.policy import Role
from tests.company import Client, Company
from tests.exchange.files import fetch

METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_but_get_is_405_with_what_is_allowed(api: Client, method: str) -> None:
    answer = await api.http.request(method, "/exports/sites.csv")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


async def test_an_unknown_list_is_404_with_the_nearest_name(api: Client) -> None:
    file = await fetch(api, "findngs")
    assert (file.status, file.code) == (404, "NOT_FOUND")
    assert file.error["message"] == "There is no list `findngs`. Did you mean `findings`?"
    assert (await fetch(api, "finding")).status == 404
    assert (await fetch(api, "standardCatalogue")).status == 404
    assert (await api.http.get("/exports/sites")).status_code == 404


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("filter={", "The parameter `filter` is not valid JSON"),
        ("orderBy=nonsense", "The parameter `orderBy` is not valid JSON"),
        ('filter={"a":1,"a":2}', "The parameter `filter` names"),
        ('filter={"code":{"eq":"%00"}}', "not valid JSON"),
        (r'filter={"code":{"eq":"\u0000"}}', "control character"),
        ("filter=" + "[" * 500, "not valid JSON"),
        ("first=10", "`first` is sent twice or unknown. Send `filter`, `orderBy`, `columns`, `del"),
        ("columns=code&columns=name", "`columns` is sent twice or unknown."),
        ("delimiter=x", "`delimiter` must be one of COMMA, SEMICOLON, TAB, PIPE."),
        ("bom=maybe", "`bom` must be true or false."),
    ],
)
async def test_a_parameter_that_cannot_be_read_is_400(
    api: Client, query: str, message: str
) -> None:
    answer = await api.http.get(f"/exports/sites.csv?{query}")
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


async def test_a_token_that_does_not_hold_is_401(api: Client) -> None:
    api.http.headers["authorization"] = "Bearer nonsense"
    file = await fetch(api, "sites")
    assert (file.status, file.code) == (401, "UNAUTHENTICATED")


async def test_while_all_places_are_taken_others_are_asked_to_come_back(
    application: Application, company: Company
) -> None:
    limits = application.settings.limits
    full = Exports(application.schema, limits, application.open_context, most=0)
    asgi = with_middleware(Starlette(routes=full.routes()), origins=(), max_in_flight=10)
    headers = {"authorization": f"Bearer {company.owner.token}"}
    transport = httpx2.ASGITransport(asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as asking:
        answer = await asking.get("/exports/sites.csv", headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_one_user_has_one_export_at_a_time(
    application: Application, company: Company
) -> None:
    exports = Exports(application.schema, application.settings.limits, application.open_context)
    asgi = with_middleware(Starlette(routes=exports.routes()), origins=(), max_in_flight=10)
    other = await company.hire(Role.AUDITOR)
    answers = {}
    with exports.concurrency.running(company.owner.user_id):
        for person in (company.owner, other):
            headers = {"authorization": f"Bearer {person.token}"}
            transport = httpx2.ASGITransport(asgi)
            async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as asking:
                answers[person.id] = await asking.get("/exports/sites.csv", headers=headers)
    refused = answers[company.owner.id]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert answers[other.id].status_code == 200


async def test_places_are_given_back_whatever_becomes_of_an_export(api: Client) -> None:
    for _ in range(5):
        assert (await fetch(api, "sites")).status == 200
        assert (await fetch(api, "sites", "x")).status == 400


async def test_what_breaks_before_the_first_row_is_answered_and_masked(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chunks(*_: Any) -> AsyncGenerator[tuple[int, bytes], None]:
        raise ZeroDivisionError("secret")
        yield 0, b""

    monkeypatch.setattr(Export, "chunks", chunks)
    file = await fetch(api, "sites")
    assert (file.status, file.code) == (500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in file.answer.text


async def test_what_breaks_later_cuts_the_connection(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chunks(_: Export, session: Any) -> AsyncGenerator[tuple[int, bytes], None]:
        yield 0, b"code\r\n"
        await session.execute(sa.text("SELECT 1/0"))

    monkeypatch.setattr(Export, "chunks", chunks)
    with pytest.raises(DBAPIError):
        await fetch(api, "sites")
