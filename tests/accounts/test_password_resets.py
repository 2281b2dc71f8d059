"""A new password by mail, for somebody who is signed out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.accounts.commands.throttle import NETWORK, RESETS
from qgp.accounts.model import PasswordReset
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.settings import Environment
from tests.company import PASSWORD, Client, Company, Person, client
from tests.environment import application_of
from tests.mails import link_in, mails_to, plain, token_in

NEW = "quite another sentence"


@pytest.fixture
async def nobody(company: Company) -> AsyncIterator[Client]:
    async with client(company.application) as api:
        yield api


@pytest.fixture
async def ann(company: Company) -> Person:
    return await company.hire(Role.AUDITOR, name="Ann Größe")


async def requested(nobody: Client, person: Person, email: str | None = None) -> str:
    """Request a new password, and return the token of the newest message."""
    payload = await nobody.do("passwordResetRequest", email=email or person.email)
    assert payload == {"errors": []}
    newest, *_ = await mails_to(person.application, person.email)
    return token_in(plain(newest.message))


async def reset(nobody: Client, token: str, password: str = NEW) -> list[Any]:
    payload = await nobody.do("passwordReset", token=token, password=password)
    return [(error["code"], error["path"]) for error in payload["errors"]]


async def can_sign_in(nobody: Client, person: Person, password: str) -> bool:
    payload = await nobody.do("login", "accessToken", email=person.email, password=password)
    return payload["accessToken"] is not None


async def test_the_link_sets_a_new_password_once_and_ends_every_sign_in(
    nobody: Client, ann: Person
) -> None:
    async with ann.signed_in() as signed_in:
        assert await signed_in.ask("{ viewer { user { name } } }")
        token = await requested(nobody, ann, ann.email.upper())
        assert await reset(nobody, token, "short") == [("OUT_OF_RANGE", ["password"])]
        assert await reset(nobody, token) == []
        ended = await signed_in.send("{ viewer { user { name } } }")
    assert ended["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await reset(nobody, token, PASSWORD) == [("BAD_USER_INPUT", ["token"])]
    assert await can_sign_in(nobody, ann, NEW)
    assert not await can_sign_in(nobody, ann, PASSWORD)


async def test_the_newest_link_alone_is_valid_for_30_minutes(nobody: Client, ann: Person) -> None:
    first, second = [await requested(nobody, ann) for _ in range(2)]
    gone = [("BAD_USER_INPUT", ["token"])]
    assert await reset(nobody, first) == gone
    with clock.fixed(clock.now() + timedelta(minutes=31)):
        assert await reset(nobody, second) == gone
    assert await can_sign_in(nobody, ann, PASSWORD)
    assert await reset(nobody, second) == []


async def test_only_a_digest_of_the_token_is_stored(nobody: Client, ann: Person) -> None:
    token = await requested(nobody, ann)
    async with ann.application.database.read(Scope()) as session:
        rows = (await session.scalars(sa.select(PasswordReset))).all()
    assert token.encode() not in [row.hash for row in rows]
    assert {len(row.hash) for row in rows} == {32}


async def test_the_message_is_in_the_language_of_the_organization(
    api: Client, nobody: Client, ann: Person
) -> None:
    at = await api.ask("{ viewer { organization { id version } } }")
    organization = at["viewer"]["organization"]
    changed = {"id": organization["id"], "expectedVersion": organization["version"]}
    assert (await api.do("organizationUpdate", locale="de-DE", **changed))["errors"] == []
    await requested(nobody, ann)
    (kept,) = await mails_to(ann.application, ann.email)
    assert kept.message["subject"] == "Neues Passwort festlegen"
    assert kept.message["to"].addresses[0].display_name == "Ann Größe"
    text = plain(kept.message)
    assert text.startswith("Guten Tag Ann Größe,\n")
    assert link_in(text).startswith("http://localhost:3000/password-reset#token=")


async def test_an_address_without_an_active_user_is_answered_alike_and_gets_nothing(
    api: Client, nobody: Client, company: Company, ann: Person
) -> None:
    left = await company.hire(Role.AUDITOR, valid_until=clock.today() - timedelta(days=1))
    others = (left.email, f"nobody@{company.slug}.example")
    addresses = (ann.email, *others)
    answers = [await nobody.do("passwordResetRequest", email=email) for email in addresses]
    assert answers == [{"errors": []}] * 3
    assert [len(await mails_to(ann.application, email)) for email in addresses] == [1, 0, 0]


async def test_requests_are_limited_by_address_without_a_sign_and_by_network(
    nobody: Client, ann: Person
) -> None:
    tokens = [await requested(nobody, ann) for _ in range(RESETS + 1)]
    assert tokens[-1] == tokens[-2]
    assert len(await mails_to(ann.application, ann.email)) == RESETS
    for number in range(NETWORK - RESETS - 1):
        payload = await nobody.do("passwordResetRequest", email=f"{number}@x.example")
        assert payload["errors"] == []
    refused = await nobody.do("passwordResetRequest", email="last@x.example")
    assert [error["code"] for error in refused["errors"]] == ["RATE_LIMITED"]
    with clock.fixed(clock.now() + timedelta(minutes=31)):
        assert await requested(nobody, ann) not in tokens
    assert await reset(nobody, tokens[-1]) == [("BAD_USER_INPUT", ["token"])]


async def test_a_server_without_mail_says_so_to_everybody(company: Company, ann: Person) -> None:
    production = {"app_env": Environment.PRODUCTION}
    application = application_of(company.application.settings.model_copy(update=production))
    async with client(application) as nobody:
        answers = [
            await nobody.do("passwordResetRequest", email=email)
            for email in (ann.email, "nobody@x.example")
        ]
    await application.close()
    assert answers[0] == answers[1]
    (error,) = answers[0]["errors"]
    assert error["code"] == "UNAVAILABLE"
    assert "qgp account password" in error["message"]
