"""Settings of mail: the SMTP server, the sender, and the address of the frontend in links."""

from collections.abc import Iterator
from email.utils import parseaddr
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PositiveInt, SecretStr, field_validator
from pydantic_settings import BaseSettings

from qgp.kit import email_addresses
from qgp.kit.errors import DomainError
from qgp.settings.database import is_this_machine
from qgp.settings.errors import Problem


class SmtpTls(StrEnum):
    """Encryption of the connection to the SMTP server."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


class MailSettings(BaseSettings):
    """Settings of mail, a part of `Settings`."""

    smtp_host: str | None = None
    smtp_port: int | None = Field(None, ge=1, le=65535)
    smtp_tls: Annotated[SmtpTls, BeforeValidator(_lower)] = SmtpTls.STARTTLS
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_timeout_seconds: PositiveInt = 30
    mail_from: str | None = None
    app_url: str | None = None

    @field_validator("smtp_host")
    @classmethod
    def _is_a_host(cls, host: str | None) -> str | None:
        if host is None or not host.strip():
            return None
        if not all(letter.isalnum() or letter in "-._:" for letter in host.strip()):
            raise ValueError("write the host alone, as smtp.example.com")
        return host.strip()

    @field_validator("mail_from")
    @classmethod
    def _is_a_sender(cls, sender: str | None) -> str | None:
        if sender is None or not sender.strip():
            return None
        try:
            email_addresses.parse(parseaddr(sender)[1])
        except DomainError:
            raise ValueError("write the sender as Quality <quality@example.com>") from None
        return sender.strip()


def mail_problems(settings: MailSettings, *, is_production: bool) -> Iterator[Problem]:
    """Yield the missing and the unsafe settings of mail."""
    if settings.smtp_host is None:
        return
    required = {"mail_from": settings.mail_from}
    if is_production:
        required["app_url"] = settings.app_url
    for name, value in required.items():
        if value is None:
            yield Problem(name.upper(), "is required beside SMTP_HOST.")
    if (settings.smtp_username is None) != (settings.smtp_password is None):
        yield Problem("SMTP_PASSWORD", "and SMTP_USERNAME are set together, or neither.")
    if is_production:
        yield from _production_mail(settings, settings.smtp_host)


def _production_mail(settings: MailSettings, host: str) -> Iterator[Problem]:
    if settings.smtp_tls is SmtpTls.NONE and not is_this_machine(host):
        yield Problem(
            "SMTP_TLS",
            "must be starttls or implicit beside an SMTP_HOST of another machine: credentials and "
            "links to set a password would cross the network in plain text.",
        )
    if settings.app_url and not settings.app_url.startswith("https://"):
        yield Problem("APP_URL", "must begin with https:// in production.")
