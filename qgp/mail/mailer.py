"""Mailer of a process: sends messages by the configured transport, with bounded retries."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import structlog

from qgp.embedded import default_data_dir
from qgp.kit import clock
from qgp.kit.background_jobs import RetryLater
from qgp.mail.development_mail import DevelopmentMail
from qgp.mail.message import Mailbox, Message, composed
from qgp.mail.transport import MailFailure, PermanentFailure, SmtpTransport, Transport
from qgp.settings import Settings

# Before the second and each further attempt: eight attempts within 24 hours.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 420, 759))
MAILS_AT_ONCE = 5  # messages of one kind that all workers together send at a time
_DEVELOPMENT_SENDER = Mailbox("Quality Governance Platform", "quality@localhost")
_DEVELOPMENT_APP = "http://localhost:3000"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Mailer:
    """Sends messages; an injected service.

    Attributes:
        transport: None where mail is not configured.
        sender: of every message.
        app_url: address of the frontend, without a slash at its end; links begin with it.
        outcomes: number of attempts of this process by kind of message and outcome: `sent`,
            `delayed` for a temporary failure, `failed` for a permanent one.
    """

    transport: Transport | None = None
    sender: Mailbox = _DEVELOPMENT_SENDER
    app_url: str = _DEVELOPMENT_APP
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, settings: Settings) -> "Mailer":
        """Choose the SMTP server, else, outside production, the folder of development."""
        named = settings.mail_from
        sender = _DEVELOPMENT_SENDER if named is None else Mailbox.parse(named)
        return cls(_transport(settings), sender, settings.app_url or _DEVELOPMENT_APP)

    @property
    def delivers(self) -> bool:
        """Whether messages reach their recipients: those of development stay in their folder."""
        return self.transport is not None and not isinstance(self.transport, DevelopmentMail)

    def link(self, path: str, token: str) -> str:
        """Return the address of a page of the frontend, for the bearer of a token.

        The token is in the fragment, which browsers send to no server.
        """
        return f"{self.app_url}{path}#{urlencode({'token': token})}"

    async def send(self, message: Message) -> None:
        """Try once to send a message; one that has expired is dropped.

        Raises:
            TemporaryFailure: `pause_after` says when to try again.
            PermanentFailure: the message cannot be sent.
        """
        try:
            await self._attempt(message)
        except MailFailure as failure:
            is_final = isinstance(failure, PermanentFailure)
            self.outcomes[message.kind, "failed" if is_final else "delayed"] += 1
            raise
        self.outcomes[message.kind, "sent"] += 1

    async def _attempt(self, message: Message) -> None:
        if self.transport is None:
            raise PermanentFailure("mail is not configured")
        if message.expires_at is not None and clock.now() >= message.expires_at:
            raise PermanentFailure("it expired before it could be sent")
        try:
            internet = composed(message, self.sender)
        except ValueError:
            raise PermanentFailure("the address is not one of mail") from None
        await self.transport.send(internet)

    async def deliver(self, message: Message, *, attempt: int) -> bool:
        """Try to send a message in a job; return False where it failed for good, which is logged.

        Args:
            message: to send.
            attempt: number of the attempt, from 1.

        Raises:
            RetryLater: a later attempt may succeed.
        """
        try:
            await self.send(message)
        except MailFailure as failure:
            wait = pause_after(failure, attempt)
            _report(message, failure, attempt, wait)
            if wait is not None:
                raise RetryLater(wait, str(failure)) from None
            return False
        return True


def pause_after(failure: MailFailure, attempts: int) -> timedelta | None:
    """Return the time to wait before the next attempt; None if there is none.

    Args:
        failure: of the last attempt.
        attempts: number of attempts so far.
    """
    if isinstance(failure, PermanentFailure) or attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1]


def _report(message: Message, failure: MailFailure, attempts: int, wait: timedelta | None) -> None:
    """Log a failure, without recipient and content."""
    log = _log.error if wait is None else _log.warning
    log(
        "mail_failed" if wait is None else "mail_delayed",
        message_id=str(message.id),
        mail=message.kind,
        reason=str(failure),
        attempts=attempts,
        retry_seconds=wait and int(wait.total_seconds()),
    )


def _transport(settings: Settings) -> Transport | None:
    if settings.smtp_host is not None:
        return SmtpTransport.of(settings, settings.smtp_host)
    if settings.is_production:
        return None
    return DevelopmentMail((settings.qgp_data_dir or default_data_dir()) / "mail")
