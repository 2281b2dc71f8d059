"""Page `/dev/mail` of development: the kept messages, and each as HTML and plain text."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from qgp.mail.development_mail import MOST, DevelopmentMail, KeptMessage
from qgp.mail.rendering import fill

PATH = "/dev/mail"
_CLOSED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"
_POLICY = f"{_CLOSED}; frame-src 'self'; form-action 'none'; frame-ancestors 'none'"
# The message itself: no script, no request, no access to this address.
_MESSAGE_POLICY = f"{_CLOSED}; img-src data:; frame-ancestors 'self'; sandbox allow-popups"


@dataclass(frozen=True)
class DevelopmentPages:
    """Endpoints of the page."""

    kept: DevelopmentMail

    def routes(self) -> list[BaseRoute]:
        """Return the list, a message, and its HTML alone."""
        return [
            Route(PATH, self._list),
            Route(f"{PATH}/{{id}}", self._show),
            Route(f"{PATH}/{{id}}/html", self._show_html),
        ]

    async def _list(self, _: Request) -> Response:
        rows = [
            {name: one.message[name] for name in ("date", "to")}
            | {"subject": one.subject, "id": one.id}
            for one in await self.kept.messages()
        ]
        return _page(fill("mailbox.html", message=None, messages=rows, most=MOST), _POLICY)

    async def _show(self, request: Request) -> Response:
        kept = await self._kept(request)
        message = {
            "id": kept.id,
            "subject": kept.subject,
            "headers": kept.message.items(),
            "text": kept.body("plain"),
        }
        return _page(fill("mailbox.html", message=message), _POLICY)

    async def _show_html(self, request: Request) -> Response:
        return _page((await self._kept(request)).body("html"), _MESSAGE_POLICY)

    async def _kept(self, request: Request) -> KeptMessage:
        kept = await self.kept.message(request.path_params["id"])
        if kept is None:
            raise HTTPException(404)
        return kept


def _page(text: str, policy: str) -> Response:
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})
