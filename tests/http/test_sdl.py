import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from qgp.http import sdl

TEXT = '"""All."""\ntype Query {\n  ok: Boolean\n}\n'


def client(app: Starlette) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://qgp")


async def test_the_schema_is_served_as_text_with_a_strong_etag() -> None:
    async with client(Starlette(routes=[sdl.route(lambda: TEXT)])) as asking:
        answer = await asking.get("/schema.graphql")
    assert answer.text == TEXT
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["ETag"].startswith('"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_already_gets_304_without_a_body(form: str) -> None:
    async with client(Starlette(routes=[sdl.route(lambda: TEXT)])) as asking:
        etag = (await asking.get("/schema.graphql")).headers["ETag"]
        again = await asking.get("/schema.graphql", headers={"If-None-Match": form.format(etag)})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)


async def test_another_schema_has_another_etag() -> None:
    async with (
        client(Starlette(routes=[sdl.route(lambda: TEXT)])) as one,
        client(Starlette(routes=[sdl.route(lambda: TEXT + "#")])) as other,
    ):
        etag = (await one.get("/schema.graphql")).headers["ETag"]
        answer = await other.get("/schema.graphql", headers={"If-None-Match": etag})
    assert answer.status_code == 200


async def test_where_it_is_not_public_the_schema_needs_a_sign_in() -> None:
    async def may_read(request: Request) -> bool:
        return request.headers.get("Authorization") == "Bearer good"

    async with client(Starlette(routes=[sdl.route(lambda: TEXT, may_read=may_read)])) as asking:
        nobody = await asking.get("/schema.graphql")
        somebody = await asking.get("/schema.graphql", headers={"Authorization": "Bearer good"})
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert TEXT not in nobody.text
    assert somebody.status_code == 200
