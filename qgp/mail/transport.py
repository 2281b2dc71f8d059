"""Transports of mail: an SMTP server (RFC 5321), with its failures told apart."""

import re
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from qgp.settings import Settings
from qgp.settings.mail import SmtpTls

_PORTS = {SmtpTls.STARTTLS: 587, SmtpTls.IMPLICIT: 465, SmtpTls.NONE: 25}
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463


class MailFailure(Exception):
    """A message was not accepted; the text is a status or a class of error, without an address."""


class TemporaryFailure(MailFailure):
    """A later attempt may succeed: 4xx, no connection, or a setting that the operator corrects."""


class PermanentFailure(MailFailure):
    """The server refused the message or its recipient for good: 5xx."""


class Transport(Protocol):
    """Takes messages to deliver."""

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over.

        Raises:
            TemporaryFailure, PermanentFailure: it was not accepted.
        """


@dataclass(frozen=True)
class SmtpTransport:
    """One connection to an SMTP server for each message.

    Attributes:
        tls: STARTTLS is required, not merely used where offered.
        timeout_seconds: for each step of the exchange.
        trust: certificates that the server's own descends from; None for the system's.
    """

    host: str
    port: int
    tls: SmtpTls = SmtpTls.STARTTLS
    username: str | None = None
    password: str | None = None
    timeout_seconds: int = 30
    trust: ssl.SSLContext | None = None

    @classmethod
    def of(cls, settings: Settings, host: str) -> "SmtpTransport":
        """Return the transport that the settings describe."""
        secret = settings.smtp_password
        return cls(
            host,
            settings.smtp_port or _PORTS[settings.smtp_tls],
            settings.smtp_tls,
            settings.smtp_username,
            secret.get_secret_value() if secret else None,
            settings.smtp_timeout_seconds,
        )

    async def send(self, message: EmailMessage) -> None:
        """Send a message, within one connection.

        Raises:
            TemporaryFailure, PermanentFailure: the server did not accept it.
        """
        (sender,), (recipient,) = message["from"].addresses, message["to"].addresses
        try:
            await aiosmtplib.send(
                message,
                sender=sender.addr_spec,
                recipients=recipient.addr_spec,
                local_hostname=sender.domain,  # the library would wait for a DNS look-up of its own
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                timeout=self.timeout_seconds,
                use_tls=self.tls is SmtpTls.IMPLICIT,
                start_tls=self.tls is SmtpTls.STARTTLS,
                tls_context=self.trust,
            )
        except (SMTPException, OSError) as error:
            raise failure_of(error) from None
        except ValueError:  # no command of SMTP can carry it
            raise PermanentFailure("the address is not one of SMTP") from None


def failure_of(error: SMTPException | OSError) -> MailFailure:
    """Classify an error of the exchange.

    A 5xx is permanent where it is about this message; about the connection or its credentials it
    is one that the operator corrects.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return failure_of(error.recipients[0])
    if isinstance(error, SMTPResponseException) and not isinstance(error, ConnectionError):
        is_final = error.code >= 500 and not isinstance(error, SMTPAuthenticationError)
        return (PermanentFailure if is_final else TemporaryFailure)(_status(error))
    if isinstance(error, SMTPNotSupported) and "SMTPUTF8" in error.message:
        return PermanentFailure("the server does not accept such an address (SMTPUTF8)")
    return TemporaryFailure(type(error).__name__)


def _status(error: SMTPResponseException) -> str:
    """Return the code of a response, with its enhanced status code."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
