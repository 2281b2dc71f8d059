import json
import re
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from qgp.http import ide
from qgp.http.ide import DemoLogin, build
from qgp.http.middleware import with_middleware

OWNER = DemoLogin("owner", "demo", "owner@demo.example", "try-</script>-demo")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in (*build.FILES.values(), ide.MARK):
        (tmp_path / name).write_text(f"/* {name} */")
    return tmp_path


def client(*routes: BaseRoute) -> httpx2.AsyncClient:
    app = with_middleware(Starlette(routes=list(routes)), origins=(), max_in_flight=10)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://qgp")


async def test_everything_the_page_asks_for_is_ours_and_there(built: Path) -> None:
    async with client(*ide.routes(folder=built)) as asking:
        page = await asking.get("/graphql/ide")
        urls = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        files = {url: await asking.get(url) for url in urls if not url.startswith("data:")}
    assert len(files) == 6
    assert all(url.startswith("/graphql/ide/") for url in files)
    assert {answer.status_code for answer in files.values()} == {200}


async def test_the_policy_allows_no_inline_script_and_no_other_address(built: Path) -> None:
    async with client(*ide.routes(folder=built)) as asking:
        policy = (await asking.get("/graphql/ide")).headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


async def test_its_files_are_kept_by_the_browser_until_they_change(built: Path) -> None:
    async with client(*ide.routes(folder=built)) as asking:
        first = await asking.get("/graphql/ide/built/graphiql.js")
        etag = {"If-None-Match": first.headers["ETag"]}
        again = await asking.get("/graphql/ide/built/graphiql.js", headers=etag)
    assert first.headers["Cache-Control"] == "no-cache"
    assert again.status_code == 304


async def test_demo_accounts_are_data_that_cannot_leave_its_element(built: Path) -> None:
    async with client(*ide.routes(folder=built, query="{ viewer }", demo=[OWNER])) as asking:
        page = (await asking.get("/graphql/ide")).text
    match = re.search(r'<script id="facts" type="application/json">(.*?)</script>', page)
    assert match is not None
    facts = json.loads(match[1])
    assert facts["query"] == "{ viewer }"
    assert facts["demo"] == [
        {
            "label": "owner",
            "organization": "demo",
            "email": "owner@demo.example",
            "password": "try-</script>-demo",
        }
    ]


async def test_without_demo_accounts_the_page_names_none(built: Path) -> None:
    async with client(*ide.routes(folder=built)) as asking:
        assert '"demo": []' in (await asking.get("/graphql/ide")).text


async def test_where_its_files_are_missing_the_page_says_what_makes_them(tmp_path: Path) -> None:
    async with client(*ide.routes(folder=tmp_path / "dist")) as asking:
        answer = await asking.get("/graphql/ide")
    assert answer.status_code == 503
    assert "Run: make ide" in answer.text
    assert "Refresh" not in answer.headers


async def test_while_its_files_are_built_the_page_says_so_and_asks_again(tmp_path: Path) -> None:
    missing = tmp_path / "dist"
    missing.mkdir()
    for name in build.FILES.values():
        (missing / name).touch()
    async with client(*ide.routes(folder=missing)) as asking:
        with build.alone():
            answer = await asking.get("/graphql/ide")
        after = await asking.get("/graphql/ide")
    assert answer.status_code == 503
    assert answer.headers["Refresh"] == answer.headers["Retry-After"] == "3"
    assert answer.text.startswith("The files of GraphiQL are being built")
    assert "Run: make ide" in after.text


def test_the_lock_pins_every_package_by_its_hash() -> None:
    pins = json.loads((ide.HERE / "package.json").read_text())["dependencies"]
    packages = json.loads((ide.HERE / "package-lock.json").read_text())["packages"]
    for name, version in pins.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in package for path, package in packages.items() if path)


def test_without_npm_the_build_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "DIST", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    assert build.main() == 1
    errors = capsys.readouterr().err
    assert "uv sync --group node" in errors
    assert "everything else works without it" in errors
