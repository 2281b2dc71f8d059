"""GraphiQL IDE at `/graphql/ide`: served from this address alone, without inline scripts."""

import fcntl
import html
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike, stat_result
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE = Path(__file__).parent
DIST = HERE / "dist"
SOURCE = HERE / "page"
MARK = "package-lock.json"  # what the files were built from; written last
COMMAND = "make ide"
_RELOAD_SECONDS = "3"

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # The editor sets widths and positions as style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_MISSING = (
    f"The files of GraphiQL have not been built. Run: {COMMAND}\n"
    "(without make: python -m qgp.http.ide.build)\n"
)
_UNDER_WAY = (
    "The files of GraphiQL are being built, which takes about 15 seconds. "
    "This page reloads until they are there.\n"
)


@dataclass(frozen=True)
class DemoLogin:
    """Account that the page offers to sign in with; development only.

    Attributes:
        label: name of the account in the page, for example its role.
        organization: slug of its organization.
        email: address to sign in with.
        password: in plain text; the page shows it to everybody.
    """

    label: str
    organization: str
    email: str
    password: str


def is_built(folder: Path = DIST) -> bool:
    """Whether all files of the page are there."""
    return (folder / MARK).exists()


def is_being_built(source: Path = HERE) -> bool:
    """Whether a build is running: it holds a lock on the folder of its sources."""
    descriptor = os.open(source, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class _Files(StaticFiles):
    """Static files that a browser may cache and has to revalidate."""

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file with a header that allows caching, unlike all other responses."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response


def routes(
    *,
    path: str = "/graphql/ide",
    endpoint: str = "/graphql",
    query: str = "{ __typename }",
    demo: Sequence[DemoLogin] = (),
    folder: Path = DIST,
) -> Sequence[BaseRoute]:
    """Return the page and its files.

    Args:
        path: where the page is.
        endpoint: where it sends operations.
        query: what stands in the editor at first.
        demo: accounts to sign in with at a click; none in production.
        folder: where `python -m qgp.http.ide.build` put the files.
    """
    facts = {"endpoint": endpoint, "query": query, "demo": [asdict(login) for login in demo]}
    page = _page(path, facts)

    async def show(_: Request) -> Response:
        if not is_built(folder):
            return _not_built()
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    return [
        Route(path, show),
        Mount(f"{path}/built", _Files(directory=folder, check_dir=False)),
        Mount(f"{path}/page", _Files(directory=SOURCE)),
    ]


def _not_built() -> Response:
    if not is_being_built():
        return PlainTextResponse(_MISSING, 503)
    again = {"Refresh": _RELOAD_SECONDS, "Retry-After": _RELOAD_SECONDS}
    return PlainTextResponse(_UNDER_WAY, 503, headers=again)


def _page(path: str, facts: Mapping[str, object]) -> str:
    """Return the page; the values are data in it, not a script."""
    data = json.dumps(facts).replace("<", "\\u003c")
    text = (SOURCE / "ide.html").read_text(encoding="utf-8")
    return text.replace("{{path}}", html.escape(path)).replace("{{facts}}", data)
