"""Invitations go by mail where it is configured; then nobody else sees the token."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from qgp.app import Application
from qgp.settings.mail import SmtpTls
from tests.company import PASSWORD, Client, Company, client
from tests.environment import application_of
from tests.mail.smtp_server import Inbox, smtp_server
from tests.mails import link_in, mails_to, plain, send_mails, token_in

INVITED = "user { id version } invitationToken"


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with smtp_server() as inbox:
        yield inbox


@pytest.fixture
async def mailing(company: Company, inbox: Inbox) -> AsyncIterator[Application]:
    """An application that sends mail."""
    changes = {
        "smtp_host": "127.0.0.1",
        "smtp_port": inbox.port,
        "smtp_tls": SmtpTls.NONE,
        "mail_from": "Qualität <quality@firm.example>",
        "app_url": "https://app.firm.example",
    }
    settings = company.application.settings.model_copy(update=changes)
    application = application_of(settings)
    yield application
    await application.close()


async def invite(api: Client, email: str, **values: Any) -> Any:
    values = {"email": email, "name": "Ann Größe", "role": "AUDITOR", **values}
    payload = await api.do("userInvite", INVITED, **values)
    assert payload["errors"] == []
    return payload


async def test_an_invitation_goes_by_mail_and_its_renewal_too(
    company: Company, mailing: Application, inbox: Inbox
) -> None:
    email = f"Ann@{company.slug}.example"
    async with client(mailing, company.owner.token) as api, client(mailing) as ann:
        invited = await invite(api, email, idempotencyKey="once")
        assert await invite(api, email, idempotencyKey="once") == invited
        await send_mails(mailing, organization=str(company.organization_id))
        at = {"id": invited["user"]["id"], "expectedVersion": invited["user"]["version"]}
        renewed = await api.do("userInvitationRenew", INVITED, **at)
        await send_mails(mailing, organization=str(company.organization_id))
        assert (invited["invitationToken"], renewed["invitationToken"]) == (None, None)
        first, second = [plain(message) for message in inbox.messages]
        assert inbox.recipients == [email, email]
        assert link_in(first).startswith("https://app.firm.example/invitation#token=")
        before = await ann.do("invitationAccept", token=token_in(first), password=PASSWORD)
        assert [error["code"] for error in before["errors"]] == ["BAD_USER_INPUT"]
        accepted = await ann.do(
            "invitationAccept", "email", token=token_in(second), password=PASSWORD
        )
    assert accepted == {"email": email, "errors": []}
    assert str(inbox.messages[0]["from"]) == "Qualität <quality@firm.example>"
    assert inbox.messages[0]["subject"] == f"Invitation to {company.slug}"


async def test_a_refused_invitation_sends_nothing(
    company: Company, mailing: Application, inbox: Inbox
) -> None:
    async with client(mailing, company.owner.token) as api:
        payload = await api.do(
            "userInvite", email=company.owner.email, name="Again", role="AUDITOR"
        )
        await send_mails(mailing, organization=str(company.organization_id))
    assert [error["code"] for error in payload["errors"]] == ["ALREADY_EXISTS"]
    assert inbox.attempts == 0


async def test_development_keeps_the_message_and_shows_the_token(
    api: Client, company: Company
) -> None:
    email = f"ann@{company.slug}.example"
    invited = await invite(api, email)
    (kept,) = await mails_to(company.application, email)
    page = await api.http.get("/dev/mail")
    assert f"/dev/mail/{kept.id}" in page.text
    for token in (invited["invitationToken"], token_in(plain(kept.message))):
        accepted = await api.do("invitationAccept", token=token, password=PASSWORD)
        assert accepted["errors"] == []
