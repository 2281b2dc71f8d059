"""CORS: request headers of preflights, headers that scripts may read, and error messages."""

import httpx2
import pytest
from starlette.applications import Starlette

from qgp.app import Application
from qgp.http.cors_headers import REQUEST_HEADERS
from qgp.http.middleware import with_middleware
from qgp.settings import Settings
from tests.http.test_middleware import SITE, client

EXPOSED = {"Content-Disposition", "ETag", "Content-Range", "Retry-After", "X-Request-ID"}


async def preflight(headers: str, *, origin: str = SITE, allowed: str = "") -> httpx2.Response:
    names = tuple(allowed.split(",")) if allowed else REQUEST_HEADERS
    app = with_middleware(Starlette(), origins=[SITE], request_headers=names, max_in_flight=9)
    request_headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }
    async with client(app) as asking:
        return await asking.options("/graphql", headers=request_headers)


@pytest.mark.parametrize(
    "headers",
    [
        "content-type,traceparent",
        "authorization, content-type, traceparent, tracestate, baggage",
        "b3,x-b3-traceid,x-b3-spanid,x-b3-parentspanid,x-b3-sampled,x-b3-flags",
        "baggage,sentry-trace",
        "apollographql-client-name,apollographql-client-version,apollo-require-preflight",
        "graphql-preflight,graphql-require-preflight,x-graphql-client-name",
        "range,if-none-match,if-match,if-range,cache-control",
        "x-request-id,x-qgp-explain",
    ],
)
async def test_headers_of_tracing_client_awareness_and_files_are_allowed(headers: str) -> None:
    answer = await preflight(headers)
    assert answer.status_code == 200
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {name.strip() for name in headers.split(",")} <= set(allowed)


async def test_a_setting_names_others_and_the_indispensable_stay() -> None:
    assert (await preflight("x-tenant,authorization", allowed="X-Tenant")).status_code == 200
    assert (await preflight("traceparent", allowed="x-tenant")).status_code == 400
    assert (await preflight("x-anything", allowed="*")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "origin"), [("x-unheard-of", SITE), ("content-type", "https://evil.example")]
)
async def test_a_refused_preflight_is_worded_as_every_refusal(headers: str, origin: str) -> None:
    answer = await preflight(headers, origin=origin)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert error["extensions"]["requestId"] == answer.headers["X-Request-ID"]
    assert "CORS_HEADERS" in error["message"]
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed == (SITE if origin == SITE else None)


async def test_scripts_may_read_what_clients_need(application: Application) -> None:
    [site, *_] = application.settings.cors_origins
    transport = httpx2.ASGITransport(app=application.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as asking:
        for path in ("/healthz", "/exports/sites.csv", "/files/att_1", "/schema.graphql"):
            answer = await asking.get(path, headers={"Origin": site})
            exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
            assert set(exposed) >= EXPOSED


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/healthz", 405, "BAD_REQUEST"),
        ("GET", "/exports/sites.csv", 401, "UNAUTHENTICATED"),
        ("DELETE", "/files/att_1", 405, "BAD_REQUEST"),
    ],
)
async def test_refusals_outside_graphql_have_one_shape(
    application: Application, method: str, path: str, status: int, code: str
) -> None:
    transport = httpx2.ASGITransport(app=application.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as asking:
        answer = await asking.request(method, path)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (
        status,
        "application/json",
    )
    [error] = answer.json()["errors"]
    extensions = {"code": code, "requestId": answer.headers["X-Request-ID"]}
    assert error["extensions"] == extensions


def test_the_setting_takes_a_list_and_refuses_what_is_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CORS_HEADERS", "X-Tenant, traceparent")
    assert Settings().cors_headers == ("x-tenant", "traceparent")
    monkeypatch.setenv("CORS_HEADERS", "x tenant")
    with pytest.raises(ValueError, match="names of headers"):
        Settings()
