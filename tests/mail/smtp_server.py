"""An SMTP server on loopback that accepts or refuses as a test says."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = "250 OK"
USER = LoginPassword(b"quality", b"a secret")


@dataclass
class Inbox:
    """Messages that the server accepted.

    Attributes:
        answers: to the recipients of the next messages; accepted after them.
        answer_to_data: to the content of each message.
        attempts: number of recipients so far.
    """

    answers: list[str] = field(default_factory=list)
    answer_to_data: str = ACCEPTED
    messages: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    is_encrypted: list[bool] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    attempts: int = 0
    port: int = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.attempts += 1
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        if answer == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.answer_to_data == ACCEPTED:
            self.raw.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.messages.append(
                message_from_string(envelope.content.decode(), policy=policy.default)
            )
            self.is_encrypted.append(session.ssl is not None)
        return self.answer_to_data


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, credentials: Any
) -> AuthResult:
    return AuthResult(success=credentials == USER, handled=False)


@asynccontextmanager
async def smtp_server(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Inbox]:
    """Serve on a free port of 127.0.0.1.

    Args:
        tls: the server's certificate, which STARTTLS and credentials then require.
        options: of `aiosmtpd.smtp.SMTP`.
    """
    inbox, loop = Inbox(), asyncio.get_running_loop()
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True, "auth_required": True}
        options["authenticator"] = _authenticate

    def protocol() -> SMTP:
        return SMTP(inbox, hostname="mail.test", loop=loop, **options)

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        server.close()


def unused_port() -> int:
    """Return a port of 127.0.0.1 at which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port: int = closed.getsockname()[1]
        return port
