"""Links to exports, which a browser follows without an access token."""

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import Client, Company

LINK = "url expiresAt"
CHOICE: dict[str, Any] = {
    "list": "sites",
    "filter": json.dumps({"code": {"startsWith": "A"}}),
    "orderBy": json.dumps([{"field": "CODE", "direction": "DESC"}]),
    "columns": ["code", "name"],
    "delimiter": "SEMICOLON",
    "bom": True,
}


@pytest.fixture
async def sites(api: Client) -> None:
    for code in ("A1", "A2", "B1"):
        assert (await api.do("siteCreate", code=code, name=f"={code}"))["errors"] == []


async def url_of(api: Client, **choice: Any) -> str:
    payload = await api.do("exportLinkCreate", LINK, **choice)
    assert payload["errors"] == []
    url: str = payload["url"]
    return url


async def follow(api: Client, url: str) -> httpx2.Response:
    """Ask for an address as a browser does that follows a link."""
    token = api.http.headers.pop("authorization")
    try:
        return await api.http.get(url)
    finally:
        api.http.headers["authorization"] = token


@pytest.mark.usefixtures("sites")
async def test_a_link_downloads_the_file_without_a_token_until_it_expires(api: Client) -> None:
    url = await url_of(api, **CHOICE)
    file = await follow(api, url)
    assert file.status_code == 200
    assert file.content.decode() == "\ufeffcode;name\r\nA2;'=A2\r\nA1;'=A1\r\n"
    assert file.headers["Content-Disposition"] == 'attachment; filename="sites.csv"'
    with clock.fixed(clock.now() + timedelta(minutes=9)):
        assert (await follow(api, url)).status_code == 200
    with clock.fixed(clock.now() + timedelta(minutes=10)):
        assert (await follow(api, url)).status_code == 403


@pytest.mark.usefixtures("sites")
async def test_a_link_holds_for_its_list_and_parameters_and_sign_in_only(
    api: Client, company: Company
) -> None:
    url = await url_of(api, **CHOICE)
    others = [
        url.replace("SEMICOLON", "COMMA"),
        url.replace("/sites.csv", "/users.csv"),
        url.replace("&bom=true", ""),
        f"{url}x",
        url.replace("signature=", "signature=x"),
    ]
    for other in others:
        assert other != url
        refused = await follow(api, other)
        assert refused.status_code == 403
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert (await follow(api, url)).status_code == 200
    eve = await company.hire(Role.EMPLOYEE)
    async with eve.signed_in() as hers:
        theirs = await url_of(hers, list="sites")
        assert (await follow(hers, theirs)).status_code == 200
        await hers.ask("mutation { logout { errors { code } } }")
        assert (await follow(hers, theirs)).status_code == 403


@pytest.mark.parametrize(
    ("choice", "code", "path"),
    [
        ({"list": "sits"}, "NOT_FOUND", ["list"]),
        ({"list": "sites", "filter": "{"}, "BAD_USER_INPUT", ["filter"]),
        ({"list": "sites", "filter": '{"cod": 1}'}, "BAD_USER_INPUT", ["filter"]),
        ({"list": "sites", "columns": ["cod"]}, "BAD_USER_INPUT", ["columns"]),
        ({"list": "sites", "filter": " " * 9_000 + "{}"}, "TOO_LONG", ["filter"]),
    ],
)
async def test_a_link_to_a_file_that_would_be_refused_is_refused(
    api: Client, choice: dict[str, Any], code: str, path: list[str]
) -> None:
    payload = await api.do("exportLinkCreate", LINK, **choice)
    assert (payload["url"], payload["expiresAt"]) == (None, None)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
