"""Invitations of the operator, by mail where it is configured."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.command_line import Command
from tests.company import Company
from tests.mail.smtp_server import Inbox, unused_port
from tests.mails import plain, token_in


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """An SMTP server in a thread: a command has an event loop of its own."""
    inbox = Inbox(port=unused_port())
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    yield inbox
    controller.stop()


def test_an_invitation_is_sent_and_its_token_printed_only_where_that_fails(
    qgp: Command, company: Company, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"bo@{company.slug}.example"
    invite = [
        *("user", "invite", "--organization", company.slug, "--email", address),
        *("--name", "Bo", "--role", "auditor"),
    ]
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(inbox.port))
    monkeypatch.setenv("SMTP_TLS", "none")
    monkeypatch.setenv("MAIL_FROM", "quality@firm.example")
    sent = qgp(*invite)
    assert sent.stdout == (
        f"Bo <{address}> is invited as AUDITOR.\nThe invitation was sent by mail.\n"
    )
    assert inbox.recipients == [address]
    assert token_in(plain(inbox.messages[0]))
    inbox.answers = ["550 5.1.1 No such user"]
    refused = qgp(*invite)
    assert "\nThe message could not be sent (550 5.1.1).\n" in refused.stdout
    assert 'token: "ey' in refused.stdout
    assert refused.exit_code == 0
