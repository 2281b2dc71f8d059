import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.audit import AuditEntry
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from tests.company import Client, Company, client

PASSWORD = "a rather long sentence"
INVITED = "user { id status } invitationToken"
ACCEPTED = "email organization"


@pytest.fixture
async def nobody(company: Company) -> AsyncIterator[Client]:
    async with client(company.application) as api:
        yield api


async def invite(api: Client, email: str, role: str = "AUDITOR") -> Any:
    payload = await api.do("userInvite", INVITED, email=email, name="Ann Auditor", role=role)
    assert payload["errors"] == []
    return payload


async def status(api: Client, id: str) -> Any:
    document = """query ($id: ID!) { user(by: {id: $id}) {
        status availableTransitions { name isAllowed blockers { code } } } }"""
    return (await api.ask(document, id=id))["user"]


async def accept(nobody: Client, token: str, password: str = PASSWORD) -> Any:
    return await nobody.do("invitationAccept", ACCEPTED, token=token, password=password)


async def accept_and_sign_in(nobody: Client, token: str) -> Any:
    fields = f"{ACCEPTED} accessToken refreshToken viewer {{ user {{ email }} }}"
    return await nobody.do("invitationAccept", fields, token=token, password=PASSWORD)


async def is_usable(nobody: Client, granted: Any) -> None:
    fields = "accessToken viewer { user { id } }"
    renewed = await nobody.do("tokenRefresh", fields, refreshToken=granted["refreshToken"])
    assert renewed["errors"] == []
    assert renewed["viewer"]["user"] is not None


def codes(payload: Any) -> list[tuple[str, list[str] | None]]:
    return [(error["code"], error["path"]) for error in payload["errors"]]


async def test_who_accepts_an_invitation_can_sign_in(
    api: Client, nobody: Client, company: Company
) -> None:
    email = f"ann@{company.slug}.example"
    invited = await invite(api, email)
    payload = await accept(nobody, invited["invitationToken"])
    assert payload == {"email": email, "organization": company.slug, "errors": []}
    signed_in = await nobody.do(
        "login", "viewer { user { id status } }", email=email, password=PASSWORD
    )
    user = {"id": invited["user"]["id"], "status": "ACTIVE"}
    assert signed_in == {"viewer": {"user": user}, "errors": []}


async def test_the_trail_names_the_accepting_person(
    api: Client, nobody: Client, company: Company
) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    await accept(nobody, invited["invitationToken"])
    async with company.application.database.read(Scope(company.organization_id)) as session:
        statement = sa.select(AuditEntry).where(AuditEntry.action == "invitationAccept")
        entry = (await session.scalars(statement)).one()
    assert ids.encode("usr", entry.entity_id) == invited["user"]["id"]
    assert entry.actor_id == entry.entity_id
    assert entry.changes == {"status": ["INVITED", "ACTIVE"]}


async def test_an_invitation_works_once(api: Client, nobody: Client, company: Company) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    await accept(nobody, invited["invitationToken"])
    other = await accept(nobody, invited["invitationToken"], "quite another sentence")
    assert codes(other) == [("INVALID_CREDENTIALS", ["password"])]
    with clock.fixed(clock.now() + timedelta(seconds=10)):
        again = await accept(nobody, invited["invitationToken"])
    assert codes(again) == [("BAD_USER_INPUT", ["token"])]
    assert (again["email"], again["organization"]) == (None, None)
    refused = await nobody.do(
        "login", email=f"ann@{company.slug}.example", password="quite another sentence"
    )
    assert codes(refused) == [("INVALID_CREDENTIALS", None)]


async def test_who_accepts_is_signed_in_and_the_same_again_within_the_grace(
    api: Client, nobody: Client, company: Company
) -> None:
    email = f"ann@{company.slug}.example"
    token = (await invite(api, email))["invitationToken"]
    for _ in range(2):
        accepted = await accept_and_sign_in(nobody, token)
        assert (accepted["email"], accepted["errors"]) == (email, [])
        assert accepted["viewer"] == {"user": {"email": email}}
        await is_usable(nobody, accepted)


async def test_an_invitation_sent_twice_at_once_lets_the_person_in_twice(
    api: Client, nobody: Client, company: Company
) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    token = invited["invitationToken"]
    outcomes = await asyncio.gather(*[accept_and_sign_in(nobody, token) for _ in range(2)])
    assert [codes(outcome) for outcome in outcomes] == [[], []]
    for outcome in outcomes:
        await is_usable(nobody, outcome)
    async with company.application.database.read(Scope(company.organization_id)) as session:
        entered = sa.select(AuditEntry).where(AuditEntry.action == "invitationAccept")
        assert len((await session.scalars(entered)).all()) == 1


async def test_a_suspended_person_does_not_accept_again_within_the_grace(
    api: Client, nobody: Client, company: Company
) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    await accept(nobody, invited["invitationToken"])
    user = invited["user"]["id"]
    suspended = await api.do("userSuspend", "user { status }", id=user, expectedVersion=2)
    assert suspended["user"] == {"status": "SUSPENDED"}
    again = await accept_and_sign_in(nobody, invited["invitationToken"])
    assert codes(again) == [("BAD_USER_INPUT", ["token"])]
    assert again["accessToken"] is None


async def test_before_the_first_day_of_validity_an_accepted_invitation_signs_nobody_in(
    api: Client, nobody: Client, company: Company
) -> None:
    later = str((clock.now() + timedelta(days=3)).date())
    values = {"email": f"ann@{company.slug}.example", "name": "Ann", "role": "AUDITOR"}
    invited = await api.do("userInvite", INVITED, **values, validFrom=later)
    accepted = await accept_and_sign_in(nobody, invited["invitationToken"])
    assert (accepted["email"], accepted["errors"]) == (values["email"], [])
    assert (accepted["accessToken"], accepted["viewer"]) == (None, None)


async def test_an_invitation_ends_after_seven_days(
    api: Client, nobody: Client, company: Company
) -> None:
    token = (await invite(api, f"ann@{company.slug}.example"))["invitationToken"]
    with clock.fixed(clock.now() + timedelta(days=7)):
        assert codes(await accept(nobody, token)) == [("BAD_USER_INPUT", ["token"])]


async def test_an_unfit_password_leaves_the_invitation_open(
    api: Client, nobody: Client, company: Company
) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    payload = await accept(nobody, invited["invitationToken"], "too short")
    assert codes(payload) == [("OUT_OF_RANGE", ["password"])]
    assert (await status(api, invited["user"]["id"]))["status"] == "INVITED"
    assert codes(await accept(nobody, invited["invitationToken"])) == []


async def test_who_has_an_account_accepts_with_its_password(
    api: Client, nobody: Client, company: Company, hire: Any
) -> None:
    email = f"ann@{company.slug}.example"
    await accept(nobody, (await invite(api, email))["invitationToken"])
    other = await hire.company()
    async with other.owner.signed_in() as elsewhere:
        second = await invite(elsewhere, email)
        wrong = await accept(nobody, second["invitationToken"], "quite another sentence")
        assert codes(wrong) == [("INVALID_CREDENTIALS", ["password"])]
        assert (await status(elsewhere, second["user"]["id"]))["status"] == "INVITED"
    payload = await accept(nobody, second["invitationToken"])
    assert payload == {"email": email, "organization": other.slug, "errors": []}


async def test_an_unfit_password_does_not_tell_whether_the_person_has_an_account(
    api: Client, nobody: Client, company: Company, hire: Any
) -> None:
    email = f"ann@{company.slug}.example"
    await accept(nobody, (await invite(api, email))["invitationToken"])
    other = await hire.company()
    async with other.owner.signed_in() as elsewhere:
        tokens = [
            (await invite(elsewhere, address))["invitationToken"]
            for address in (email, f"new@{company.slug}.example")
        ]
    existing, new = [await accept(nobody, token, "too short") for token in tokens]
    assert existing == new
    assert codes(existing) == [("OUT_OF_RANGE", ["password"])]


async def test_wrong_passwords_at_an_invitation_are_throttled(
    api: Client, nobody: Client, company: Company, hire: Any
) -> None:
    email = f"ann@{company.slug}.example"
    await accept(nobody, (await invite(api, email))["invitationToken"])
    other = await hire.company()
    async with other.owner.signed_in() as elsewhere:
        token = (await invite(elsewhere, email))["invitationToken"]
    errors = [codes(await accept(nobody, token, f"wrong sentence {n}")) for n in range(6)]
    assert errors[-1] == [("RATE_LIMITED", None)]


async def test_nobody_accepts_for_another(api: Client, company: Company) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    steps = {
        step["name"]: step
        for step in (await status(api, invited["user"]["id"]))["availableTransitions"]
    }
    accepting = steps["invitationAccept"]
    assert accepting["isAllowed"] is False
    assert accepting["blockers"] == [{"code": "NOT_YOURSELF"}]


async def test_an_access_token_is_no_invitation_nor_the_reverse(
    api: Client, nobody: Client, company: Company
) -> None:
    assert codes(await accept(nobody, company.owner.token)) == [("BAD_USER_INPUT", ["token"])]
    token = (await invite(api, f"ann@{company.slug}.example"))["invitationToken"]
    async with client(company.application, token) as disguised:
        assert await disguised.refusal("{ viewer { permissions } }") == "UNAUTHENTICATED"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, "é"])
async def test_nonsense_is_no_invitation(nobody: Client, token: str) -> None:
    assert codes(await accept(nobody, token)) == [("BAD_USER_INPUT", ["token"])]


async def test_a_changed_invitation_is_refused(
    api: Client, nobody: Client, company: Company
) -> None:
    token = (await invite(api, f"ann@{company.slug}.example"))["invitationToken"]
    head, body, seal = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = str(company.owner.user_id)
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    payload = await accept(nobody, f"{head}.{forged}.{seal}")
    assert codes(payload) == [("BAD_USER_INPUT", ["token"])]


async def test_a_withdrawn_invitation_is_over_until_it_is_renewed(
    api: Client, nobody: Client, company: Company
) -> None:
    invited = await invite(api, f"ann@{company.slug}.example")
    id, former = invited["user"]["id"], invited["invitationToken"]
    withdrawn = await api.do("userInvitationWithdraw", "user { status }", id=id, expectedVersion=1)
    assert withdrawn == {"user": {"status": "WITHDRAWN"}, "errors": []}
    assert codes(await accept(nobody, former)) == [("BAD_USER_INPUT", ["token"])]
    renewed = await api.do("userInvitationRenew", INVITED, id=id, expectedVersion=2)
    assert codes(await accept(nobody, former)) == [("BAD_USER_INPUT", ["token"])]
    assert codes(await accept(nobody, renewed["invitationToken"])) == []


async def test_nobody_becomes_active_without_accepting(api: Client, company: Company) -> None:
    id = (await invite(api, f"ann@{company.slug}.example"))["user"]["id"]
    for act in ("userSuspend", "userReinstate"):
        refused = await api.do(act, id=id, expectedVersion=1)
        assert codes(refused) == [("TRANSITION_NOT_ALLOWED", None)]
    assert (await status(api, id))["status"] == "INVITED"
    await api.do("userInvitationWithdraw", id=id, expectedVersion=1)
    refused = await api.do("userReinstate", id=id, expectedVersion=2)
    assert codes(refused) == [("TRANSITION_NOT_ALLOWED", None)]


async def test_only_administrators_invite(company: Company) -> None:
    auditor = await company.hire(Role.AUDITOR)
    document = """mutation { userInvite(input: {email: "x@y.example", name: "X", role: AUDITOR}) {
        invitationToken } }"""
    async with auditor.signed_in() as api:
        assert await api.refusal(document) == "FORBIDDEN"
