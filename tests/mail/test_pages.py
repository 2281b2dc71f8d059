"""The page of development, and the addresses to unsubscribe at."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from qgp.app import Application
from qgp.http.http_errors import EXCEPTION_HANDLERS
from qgp.http.middleware import with_middleware
from qgp.kit import ids
from qgp.kit.session import Database
from qgp.mail.development_mail import MOST, DevelopmentMail
from qgp.mail.mailer import Mailer
from qgp.mail.message import Mailbox, composed
from qgp.mail.pages import DevelopmentPages
from qgp.mail.transport import PermanentFailure
from qgp.mail.unsubscribe import MailPreferences, Subscription, UnsubscribePage, Unsubscribing
from qgp.settings import Environment, Settings
from tests.mail.smtp_server import smtp_server
from tests.mail.test_sending import MESSAGE, SENDER, mailer


def client(*routes: BaseRoute) -> httpx2.AsyncClient:
    app = Starlette(routes=list(routes), exception_handlers=EXCEPTION_HANDLERS)
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(with_middleware(app, origins=(), max_in_flight=10)),
        base_url="http://qgp",
    )


async def test_the_page_shows_the_messages_that_were_sent(tmp_path: Path) -> None:
    kept = DevelopmentMail(tmp_path / "mail")
    hostile = replace(
        MESSAGE, subject="<script>alert(1)</script>", html="<script>alert(2)</script>"
    )
    subject = "Assigned to you: ACT-2026-0128 Train the line in the handling of rejects"
    folded = replace(MESSAGE, subject=subject)
    await kept.send(composed(MESSAGE, SENDER))
    await kept.send(composed(folded, SENDER))
    await kept.send(composed(hostile, SENDER))
    async with client(*DevelopmentPages(kept).routes()) as browser:
        page = await browser.get("/dev/mail")
        newest, _, oldest = await kept.messages()
        shown = await browser.get(f"/dev/mail/{oldest.id}")
        html = await browser.get(f"/dev/mail/{newest.id}/html")
        missing = [await browser.get(f"/dev/mail/{id}") for id in ("0" * 32, "..%2Fsecrets", "x")]
    assert page.text.index("&lt;script&gt;alert(1)") < page.text.index("Überprüfung")
    assert "<script>" not in page.text
    assert f">{subject}</a>" in page.text
    assert "Grüße aus Köln" in shown.text
    assert f'src="/dev/mail/{oldest.id}/html"' in shown.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert html.headers["Content-Security-Policy"].endswith("; sandbox allow-popups")
    assert [answer.status_code for answer in missing] == [404] * 3


async def test_the_newest_messages_alone_are_kept(tmp_path: Path) -> None:
    kept = DevelopmentMail(tmp_path)
    for number in range(MOST + 1):
        (tmp_path / f"{number:032x}.eml").write_bytes(b"Subject: old\r\n\r\n")
    await kept.send(composed(MESSAGE, SENDER))
    messages = await kept.messages()
    assert len(messages) == MOST
    assert messages[0].message["subject"] == "Überprüfung"
    assert messages[-1].id == f"{2:032x}"


async def test_a_folder_that_cannot_be_written_is_a_failure_of_mail(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = DevelopmentMail(tmp_path / "file" / "mail")
    with pytest.raises(PermanentFailure, match="cannot be written"):
        await kept.send(composed(MESSAGE, SENDER))
    assert await kept.messages() == []


@pytest.mark.parametrize(
    ("app_env", "host", "transport"),
    [
        (Environment.DEVELOPMENT, None, "DevelopmentMail"),
        (Environment.PRODUCTION, None, "NoneType"),
        (Environment.PRODUCTION, "smtp.example", "SmtpTransport"),
    ],
)
def test_production_keeps_no_messages_and_sends_none_without_a_server(
    settings: Settings, app_env: Environment, host: str | None, transport: str
) -> None:
    changed = settings.model_copy(update={"app_env": app_env, "smtp_host": host})
    mailer = Mailer.of(changed)
    assert type(mailer.transport).__name__ == transport
    assert mailer.delivers is (host is not None)


TURNED_OFF: list[Subscription] = []
UNSUBSCRIBING = Unsubscribing.of(
    Settings(secret_key=SecretStr("k" * 40), public_url="https://qgp.example/api")
)
SUBSCRIPTION = Subscription(ids.uuid7(), ids.uuid7(), "ASSIGNED", "de-AT")


async def _turn_off(_: Database, subscription: Subscription) -> None:
    TURNED_OFF.append(subscription)


@pytest.fixture
async def mail_program(application: Application) -> AsyncIterator[httpx2.AsyncClient]:
    TURNED_OFF.clear()
    page = UnsubscribePage(UNSUBSCRIBING, MailPreferences(_turn_off), application.database)
    async with client(page.route()) as program:
        yield program


async def test_one_click_turns_messages_off_and_opening_the_address_asks(
    mail_program: httpx2.AsyncClient,
) -> None:
    headers = UNSUBSCRIBING.headers(SUBSCRIPTION)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].removeprefix("<https://qgp.example/api").rstrip(">")
    opened = await mail_program.get(address)
    assert "<button>Abbestellen</button>" in opened.text
    assert TURNED_OFF == []
    click = {"List-Unsubscribe": "One-Click"}
    done = await mail_program.post(address, data=click)
    assert (done.status_code, TURNED_OFF) == (200, [SUBSCRIPTION])
    assert "Sie erhalten keine Nachrichten dieser Art mehr" in done.text


async def test_the_address_reaches_the_recipient_in_one_piece() -> None:
    headers = UNSUBSCRIBING.headers(SUBSCRIPTION)
    async with smtp_server() as inbox:
        await mailer(inbox).send(replace(MESSAGE, headers=headers))
    lines = inbox.raw[0].decode().splitlines()
    assert [line for line in lines if line.startswith("List-")] == [
        f"{name}: {value}" for name, value in headers.items()
    ]


async def test_an_address_that_was_not_signed_turns_nothing_off(
    mail_program: httpx2.AsyncClient, settings: Settings
) -> None:
    genuine = UNSUBSCRIBING.address(SUBSCRIPTION).partition("token=")[2]
    foreign = Unsubscribing.of(settings).address(SUBSCRIPTION).partition("token=")[2]
    head, body, seal = genuine.split(".")
    for token in ("", "x", foreign, f"{head}.{body}.{seal[::-1]}", f"{head}.{body}."):
        answer = await mail_program.post("/mail/unsubscribe", params={"token": token})
        assert answer.status_code == 400
    assert TURNED_OFF == []


def test_a_name_without_an_address_is_no_sender() -> None:
    assert Mailbox.parse("Größe <q@größe.example>").address == "q@xn--gre-6ka8i.example"
