"""Messages on their way to a real SMTP server, and its refusals."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from qgp.kit import clock
from qgp.kit.background_jobs import RetryLater
from qgp.mail.mailer import PAUSES, Mailer
from qgp.mail.message import Mailbox, Message, composed
from qgp.mail.metrics import MailMetrics
from qgp.mail.transport import PermanentFailure, SmtpTransport, TemporaryFailure
from qgp.settings.mail import SmtpTls
from tests.certificates import Authority
from tests.mail.smtp_server import Inbox, smtp_server, unused_port
from tests.mails import plain

SENDER = Mailbox("Qualität, Werk 1", "quality@firm.example")
MESSAGE = Message(
    recipient=Mailbox("Müller, Jörg (Prüfer)", "jm@firm.example"),
    kind="notice",
    subject="Überprüfung",
    text="Grüße aus Köln: " + "ß" * 1200 + "\n",
    html="<p>Grüße</p>\n",
)


def mailer(inbox: Inbox, **options: Any) -> Mailer:
    options = {"tls": SmtpTls.NONE, **options}
    return Mailer(SmtpTransport("127.0.0.1", inbox.port, **options), SENDER)


async def test_a_message_arrives_as_it_was_written() -> None:
    with clock.fixed(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        message = replace(MESSAGE, created_at=clock.now())
    async with smtp_server() as inbox:
        await mailer(inbox).send(message)
    (received,), (raw,) = inbox.messages, inbox.raw
    assert received["subject"] == "Überprüfung"
    (to,), (sender,) = received["to"].addresses, received["from"].addresses
    assert (to.display_name, to.addr_spec) == (message.recipient.name, "jm@firm.example")
    assert (sender.display_name, sender.addr_spec) == (SENDER.name, SENDER.address)
    assert received["message-id"] == f"<{message.id}@firm.example>"
    assert received["date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert received["auto-submitted"] == "auto-generated"
    assert plain(received) == MESSAGE.text
    html = received.get_body(("html",))
    assert html is not None
    assert html.get_content().splitlines() == MESSAGE.html.splitlines()
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998  # RFC 5322, 2.1.1


@pytest.mark.parametrize(
    "text", ["Eve\r\nBcc: all@firm.example", "Eve\nBcc: a", "Eve\rBcc: a", "Eve\u2028Bcc: a\x85"]
)
def test_no_name_or_subject_begins_another_header(text: str) -> None:
    eve = replace(MESSAGE, recipient=Mailbox(text, "eve@firm.example"), subject=text)
    internet = composed(eve, Mailbox(text, SENDER.address))
    assert [*internet.keys()].count("Bcc") == 0
    header, _, _ = internet.as_bytes().partition(b"\r\n\r\n")
    assert not [line for line in header.splitlines() if line.lower().startswith(b"bcc")]
    assert internet["subject"].startswith("Eve Bcc: a")


@pytest.mark.parametrize("start", ["Smith", "Müller", "Ä" * 60, "x" * 100])
async def test_no_name_names_another_recipient_however_long_it_is(start: str) -> None:
    name = f'{start}, Jo <eve@evil.example>, "and" a very long tail (Ü) that has to be folded'
    async with smtp_server() as inbox:
        await mailer(inbox).send(replace(MESSAGE, recipient=Mailbox(name, "jm@firm.example")))
    assert inbox.recipients == ["jm@firm.example"]
    header = inbox.raw[0].partition(b"To:")[2].partition(b"\r\nSubject")[0].decode()
    assert [address for _, address in getaddresses([header.replace("\r\n", "")])] == (
        inbox.recipients
    )


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    umlaut = replace(MESSAGE, recipient=Mailbox("Jörg", "jörg@xn--mller-kva.example"))
    async with smtp_server(enable_SMTPUTF8=True) as inbox:
        await mailer(inbox).send(umlaut)
    assert inbox.messages[0]["to"].addresses[0].addr_spec == "jörg@xn--mller-kva.example"
    async with smtp_server() as inbox:
        with pytest.raises(PermanentFailure, match="SMTPUTF8"):
            await mailer(inbox).send(umlaut)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server for 127.0.0.1 shows, and what trusts it."""
    authority = Authority.at(folder)
    authority.issue("mail", x509.IPAddress(ip_address("127.0.0.1")))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "mail.crt", folder / "mail.key")
    return server, ssl.create_default_context(cafile=str(folder / "root.crt"))


async def test_starttls_comes_before_credentials_and_content(tmp_path: Path) -> None:
    shown, trust = certificate(tmp_path)
    account = {"tls": SmtpTls.STARTTLS, "username": "quality", "password": "a secret"}
    async with smtp_server(shown) as inbox:
        await mailer(inbox, trust=trust, **account).send(MESSAGE)
        assert inbox.is_encrypted == [True]
        with pytest.raises(TemporaryFailure, match=r"^535"):  # the operator corrects it
            await mailer(inbox, trust=trust, **account | {"password": "x"}).send(MESSAGE)
        with pytest.raises(TemporaryFailure):  # an authority that nobody trusts
            await mailer(inbox, **account).send(MESSAGE)
    async with smtp_server() as inbox:  # does not offer it
        with pytest.raises(TemporaryFailure):
            await mailer(inbox, trust=trust, tls=SmtpTls.STARTTLS).send(MESSAGE)
    assert inbox.messages == []


async def test_a_temporary_refusal_is_tried_again_and_a_permanent_one_is_not() -> None:
    async with smtp_server() as inbox:
        inbox.answers = ["451 4.3.0 Busy", "421 4.7.0 Later"]
        mailer_of_test = mailer(inbox)
        for attempt, pause in ((1, 1), (2, 5)):
            with pytest.raises(RetryLater) as later:
                await mailer_of_test.deliver(MESSAGE, attempt=attempt)
            assert later.value.delay == timedelta(minutes=pause)
        await mailer_of_test.deliver(MESSAGE, attempt=3)
        assert (len(inbox.messages), inbox.attempts) == (1, 3)
        inbox.answers = ["550 5.1.1 jm@firm.example: no such user"]
        with capture_logs() as logs:
            await mailer_of_test.deliver(MESSAGE, attempt=1)
        inbox.answer_to_data = "554 5.7.1 Refused"
        with pytest.raises(PermanentFailure, match=r"^554 5\.7\.1$"):
            await mailer(inbox).send(MESSAGE)
    assert (len(inbox.messages), inbox.attempts) == (1, 5)
    (metric,) = MailMetrics(mailer_of_test).collect()
    counts = {one.labels["outcome"]: one.value for one in metric.samples}
    assert counts == {"delayed": 2, "sent": 1, "failed": 1}
    (entry,) = logs
    assert (entry["event"], entry["reason"], entry["attempts"]) == ("mail_failed", "550 5.1.1", 1)
    assert "firm.example" not in str(entry)


async def test_retries_end_after_a_day() -> None:
    nobody = Mailer(SmtpTransport("127.0.0.1", unused_port(), SmtpTls.NONE), SENDER)
    with capture_logs() as logs:
        for attempt, pause in enumerate(PAUSES, 1):
            with pytest.raises(RetryLater) as later:
                await nobody.deliver(MESSAGE, attempt=attempt)
            assert later.value.delay == pause
        await nobody.deliver(MESSAGE, attempt=8)
    assert sum(PAUSES, timedelta()) == timedelta(days=1)
    assert [entry["event"] for entry in logs] == ["mail_delayed"] * 7 + ["mail_failed"]


async def test_an_expired_message_is_not_sent() -> None:
    async with smtp_server() as inbox:
        expired = replace(MESSAGE, expires_at=clock.now())
        with pytest.raises(PermanentFailure, match="expired"):
            await mailer(inbox).send(expired)
    assert inbox.attempts == 0
