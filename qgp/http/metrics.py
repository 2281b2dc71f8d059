"""Route `/metrics`: the Prometheus metrics of one process, protected by a token."""

import hmac
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qgp.http.http_errors import HttpError, error_response

_NO_TOKEN = HttpError(
    401,
    "Send the header `Authorization: Bearer <METRICS_TOKEN>`.",
    code="UNAUTHENTICATED",
    headers={"WWW-Authenticate": "Bearer"},
)


def route(collectors: Sequence[Collector], *, token: str | None) -> Route:
    """Return the route.

    Args:
        collectors: metrics beside those of the process itself.
        token: token that a scraper has to send as `Authorization: Bearer …`; None for none.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in collectors:
        registry.register(collector)

    async def answer(request: Request) -> Response:
        authorization = request.headers.get("authorization", "")
        if token is not None and not hmac.compare_digest(authorization, f"Bearer {token}"):
            return error_response(request.scope, _NO_TOKEN)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", answer)
