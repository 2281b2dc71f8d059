import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from qgp.accounts.commands import accounts
from qgp.accounts.commands.sign_ins import Granted
from qgp.accounts.model import AccountEvent, AccountEventKind, LogIn, RefreshToken
from qgp.authentication.services import Services
from qgp.kit import clock, ids
from qgp.kit.email_addresses import parse
from qgp.kit.errors import DomainError, Invalid, InvalidCredentials, RateLimited, Unauthenticated
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work
from qgp.organizations.model import Organization, OrganizationStatus
from qgp.settings import Settings
from qgp.users import service as users
from qgp.users.model import User
from tests.accounts.conftest import PASSWORD, Employ, Opened, Person, Suspend, open_context

NEW = "quite another sentence"


async def log_in(opened: Opened, person: Person) -> Granted:
    async with opened(ip=person.ip) as context:
        return await accounts.log_in(
            context, email=person.email, password=PASSWORD, organization=person.slug
        )


async def refresh(opened: Opened, token: str) -> Granted:
    async with opened() as context:
        granted = await accounts.refresh(context, refresh_token=token)
        assert context.caller == granted.principal
        return granted


async def who(opened: Opened, token: str) -> Principal:
    async with opened(token) as context:
        return context.caller


async def is_refused(opened: Opened, token: str) -> bool:
    try:
        await who(opened, token)
    except Unauthenticated:
        return True
    return False


async def test_a_refresh_token_is_traded_for_new_tokens_of_the_same_log_in(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    first = await log_in(opened, person := await employ())
    second = await refresh(opened, first.refresh_token)
    third = await refresh(opened, second.refresh_token)
    assert first.principal == second.principal == third.principal
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    for granted in (first, third):
        assert await who(opened, granted.access_token) == first.principal
    async with people_database.read(Scope(person.organization_id)) as session:
        assert len((await session.scalars(sa.select(LogIn))).all()) == 1


@pytest.mark.parametrize("seconds", [0, 3, 9.9])
async def test_a_refresh_token_that_comes_twice_within_the_grace_brings_the_same_successor(
    employ: Employ, opened: Opened, people_database: Database, seconds: float
) -> None:
    start = datetime.now(UTC)
    with clock.fixed(start):
        first = await log_in(opened, person := await employ())
        second = await refresh(opened, first.refresh_token)
    with clock.fixed(start + timedelta(seconds=seconds)):
        again = await refresh(opened, first.refresh_token)
    assert again.refresh_token == second.refresh_token
    for granted in (second, again):
        assert await who(opened, granted.access_token) == first.principal
    third = await refresh(opened, again.refresh_token)
    assert await who(opened, third.access_token) == first.principal
    assert AccountEventKind.REFRESH_REUSED not in await kinds_of(people_database, person)


async def test_within_the_grace_a_token_whose_successor_is_used_is_refused_and_nothing_ends(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    first = await log_in(opened, person := await employ())
    second = await refresh(opened, first.refresh_token)
    third = await refresh(opened, second.refresh_token)
    with pytest.raises(Unauthenticated):
        await refresh(opened, first.refresh_token)
    assert not await is_refused(opened, third.access_token)
    await refresh(opened, third.refresh_token)
    assert AccountEventKind.REFRESH_REUSED not in await kinds_of(people_database, person)


async def test_without_a_grace_no_refresh_token_comes_twice(
    employ: Employ, opened: Opened, people_database: Database, services: Services
) -> None:
    first = await log_in(opened, person := await employ())
    strict = replace(services, refresh_grace=timedelta(0))
    for outcome in (nullcontext(), pytest.raises(Unauthenticated)):
        async with open_context(
            people_database, strict, authorization=None, request_id="r", client_ip=person.ip
        ) as context:
            with outcome:
                await accounts.refresh(context, refresh_token=first.refresh_token)
    assert await is_refused(opened, first.access_token)


async def test_a_refresh_token_that_comes_again_after_the_grace_ends_the_whole_log_in(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    first = await log_in(opened, person := await employ())
    other = await log_in(opened, person)
    second = await refresh(opened, first.refresh_token)
    with clock.fixed(clock.now() + timedelta(seconds=10)):
        for token in (first.refresh_token, second.refresh_token, first.refresh_token):
            with pytest.raises(Unauthenticated):
                await refresh(opened, token)
    assert await is_refused(opened, second.access_token)
    assert not await is_refused(opened, other.access_token)
    kinds = await kinds_of(people_database, person)
    assert kinds.count(AccountEventKind.REFRESH_REUSED) == 1


async def test_50_uses_of_one_refresh_token_at_once_have_one_successor(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    granted = await log_in(opened, person := await employ())
    uses = [refresh(opened, granted.refresh_token) for _ in range(50)]
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    successors = {outcome.refresh_token for outcome in outcomes if isinstance(outcome, Granted)}
    assert len(successors) == 1
    assert all(isinstance(outcome, Granted) for outcome in outcomes)
    async with people_database.read(Scope()) as session:
        mine = sa.select(RefreshToken).where(RefreshToken.account_id == person.account_id)
        assert len((await session.scalars(mine)).all()) == 2


async def test_a_refresh_token_waits_seven_days_and_its_log_in_thirty(
    employ: Employ, opened: Opened
) -> None:
    start = datetime.now(UTC)
    person = await employ()
    with clock.fixed(start):
        idle = await log_in(opened, person)
        busy = await log_in(opened, person)
    with clock.fixed(start + timedelta(days=7)), pytest.raises(Unauthenticated):
        await refresh(opened, idle.refresh_token)
    for days in (6, 12, 18, 24, 29):
        with clock.fixed(start + timedelta(days=days)):
            busy = await refresh(opened, busy.refresh_token)
    with clock.fixed(start + timedelta(days=30)):
        with pytest.raises(Unauthenticated):
            await refresh(opened, busy.refresh_token)
        assert await is_refused(opened, busy.access_token)


async def test_an_access_token_does_not_outlive_its_log_in(
    employ: Employ, opened: Opened, services: Any
) -> None:
    start = datetime.now(UTC)
    with clock.fixed(start):
        principal = (await log_in(opened, await employ())).principal
    for days, refused in ((29, False), (30, True)):
        with clock.fixed(start + timedelta(days=days)):
            late = services.signer.issue(
                user_id=principal.user_id,
                organization_id=principal.organization_id,
                log_in_id=principal.session_id,
                access_version=1,
            )
            assert await is_refused(opened, late) is refused


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 10_000])
async def test_an_unknown_refresh_token_is_refused(opened: Opened, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await refresh(opened, token)


async def test_no_token_passes_for_another_class_of_token(employ: Employ, opened: Opened) -> None:
    granted = await log_in(opened, await employ())
    assert await is_refused(opened, granted.refresh_token)
    with pytest.raises(Unauthenticated):
        await refresh(opened, granted.access_token)


async def test_logging_out_acts_on_the_next_request(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    granted, other = [await log_in(opened, person) for person in [await employ()] * 2]
    async with opened(granted.access_token) as context:
        await accounts.log_out(context)
        assert context.principal is None
    assert await is_refused(opened, granted.access_token)
    with pytest.raises(Unauthenticated):
        await refresh(opened, granted.refresh_token)
    assert not await is_refused(opened, other.access_token)


async def test_suspension_acts_on_the_next_request(
    employ: Employ, suspend: Suspend, opened: Opened
) -> None:
    person = await employ(role=Role.EMPLOYEE)
    granted = await log_in(opened, person)
    await suspend(person)
    assert await is_refused(opened, granted.access_token)
    with pytest.raises(Unauthenticated):
        await refresh(opened, granted.refresh_token)


async def test_a_suspended_organization_refuses_the_next_request_of_everybody(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    granted = await log_in(opened, person := await employ())
    async with people_database.write(Scope(person.organization_id)) as session:
        key = (person.organization_id, person.organization_id)
        (await session.get_one(Organization, key)).status = OrganizationStatus.SUSPENDED
    assert await is_refused(opened, granted.access_token)
    with pytest.raises(Unauthenticated):
        await refresh(opened, granted.refresh_token)


def test_the_settings_say_which_keys_sign_and_how_long_tokens_hold() -> None:
    former, present = "former key " * 4, "present key " * 4
    common: dict[str, Any] = {
        "jwt_refresh_token_expire_days": 2,
        "jwt_access_token_expire_minutes": 5,
    }
    before = Services.of(Settings(jwt_secret_key=SecretStr(former), **common))
    after = Services.of(
        Settings(
            jwt_secret_key=SecretStr(present), jwt_previous_keys=(SecretStr(former),), **common
        )
    )
    assert after.signer.lifetime == timedelta(minutes=5)
    assert after.refresh_lifetime == timedelta(days=2)
    who = {name: ids.uuid7() for name in ("user_id", "organization_id", "log_in_id")}
    old, new = (one.signer.issue(**who, access_version=1) for one in (before, after))
    assert after.signer.verify(old).user_id == after.signer.verify(new).user_id
    with pytest.raises(Unauthenticated):
        before.signer.verify(new)


async def test_another_role_ends_older_access_tokens_and_a_refresh_brings_it(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ(role=Role.EMPLOYEE)
    granted = await log_in(opened, person)
    somebody = ids.uuid7()
    owner = Principal(somebody, somebody, person.organization_id, ids.uuid7(), Role.OWNER)
    async with people_database.write(Scope(person.organization_id)) as session:
        await users.change_role(
            Work(session, owner), id=person.user_id, expected_version=1, role=Role.AUDITOR
        )
    assert await is_refused(opened, granted.access_token)
    renewed = await refresh(opened, granted.refresh_token)
    assert (await who(opened, renewed.access_token)).role is Role.AUDITOR


async def test_the_last_day_of_validity_ends_at_midnight_of_the_organization(
    employ: Employ, opened: Opened
) -> None:
    today = date(2026, 3, 1)
    person = await employ(zone="Pacific/Auckland", valid_until=today)
    midnight = datetime(2026, 3, 1, 11, tzinfo=UTC)  # 2 March in Auckland
    with clock.fixed(midnight - timedelta(minutes=1)):
        granted = await log_in(opened, person)
        assert not await is_refused(opened, granted.access_token)
    with clock.fixed(midnight):
        assert await is_refused(opened, granted.access_token)


async def test_a_token_of_one_organization_opens_no_other(
    employ: Employ, opened: Opened, services: Any
) -> None:
    person: Person = await employ()
    elsewhere: Person = await employ(email=person.email)
    principal = (await log_in(opened, person)).principal
    forged = {
        "user_id": principal.user_id,
        "organization_id": principal.organization_id,
        "log_in_id": principal.session_id,
        "access_version": 1,
    }
    for change in (
        {"organization_id": elsewhere.organization_id},
        {"user_id": elsewhere.user_id},
        {"organization_id": elsewhere.organization_id, "user_id": elsewhere.user_id},
        {"log_in_id": ids.uuid7()},
        {"access_version": 2},
    ):
        assert await is_refused(opened, services.signer.issue(**forged | change))
    assert not await is_refused(opened, services.signer.issue(**forged))


async def test_authentication_costs_one_statement_and_reads_go_on_in_its_transaction(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    granted = await log_in(opened, person := await employ())
    statements: list[str] = []

    def watch(_: Any, __: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    engine = people_database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", watch)
    try:
        async with opened(granted.access_token) as context:
            assert len(statements) == 1
            users = await context.rows(sa.select(User))
    finally:
        sa.event.remove(engine, "before_cursor_execute", watch)
    assert [user.id for user in users] == [person.user_id]
    assert len(statements) == 2


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "Bearer ", "x"])
async def test_a_header_that_proves_nothing_is_refused(
    people_database: Database, services: Any, header: str
) -> None:
    with pytest.raises(Unauthenticated):
        async with open_context(
            people_database, services, authorization=header, request_id="r", client_ip=""
        ):
            pass


async def test_without_a_header_nobody_is_signed_in(opened: Opened) -> None:
    async with opened() as context:
        assert context.principal is None


async def test_every_connection_is_given_back(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    granted = await log_in(opened, await employ())
    await who(opened, granted.access_token)
    await is_refused(opened, granted.access_token[:-8] + "AAAAAAAA")
    pool: Any = people_database.engine.pool
    assert pool.checkedout() == 0


async def test_changing_the_password_ends_every_log_in_everywhere_and_opens_one(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    user: Person = await employ()
    elsewhere: Person = await employ(email=user.email)
    stranger: Person = await employ(beside=user)
    mine, second, abroad, foreign = [
        await log_in(opened, person) for person in (user, user, elsewhere, stranger)
    ]
    async with opened(mine.access_token, ip=user.ip) as context:
        anew = await accounts.change_password(context, current_password=PASSWORD, new_password=NEW)
        assert context.caller == anew.principal
    for ended in (mine, second, abroad):
        assert await is_refused(opened, ended.access_token)
        with pytest.raises(Unauthenticated):
            await refresh(opened, ended.refresh_token)
    assert anew.principal.user_id == mine.principal.user_id
    for kept in (anew, foreign):
        assert not await is_refused(opened, kept.access_token)
        await refresh(opened, kept.refresh_token)
    with pytest.raises(InvalidCredentials):
        await log_in(opened, user)
    assert AccountEventKind.PASSWORD_CHANGED in await kinds_of(people_database, user)


async def test_a_wrong_current_password_changes_nothing_and_counts_as_a_failure(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    granted, other = await log_in(opened, person), await log_in(opened, person)
    answers: list[type[DomainError]] = []
    with clock.fixed(datetime.now(UTC)):
        for _ in range(6):
            async with opened(granted.access_token, ip=person.ip) as context:
                with pytest.raises(DomainError) as refusal:
                    await accounts.change_password(context, current_password="no", new_password=NEW)
            answers.append(type(refusal.value))
    assert answers == [InvalidCredentials] * 5 + [RateLimited]
    assert not await is_refused(opened, other.access_token)
    with clock.fixed(datetime.now(UTC) + timedelta(seconds=3)):
        await log_in(opened, person)


@pytest.mark.parametrize("password", ["short", "leavemealone", PASSWORD])
async def test_an_unfit_new_password_is_refused(
    employ: Employ, opened: Opened, password: str
) -> None:
    granted = await log_in(opened, await employ())
    async with opened(granted.access_token) as context:
        with pytest.raises(Invalid) as refusal:
            await accounts.change_password(
                context, current_password=PASSWORD, new_password=password
            )
    assert refusal.value.path == ("newPassword",)


@pytest.mark.parametrize("decorate", [str, str.upper, "{}2026!".format])
async def test_nobody_chooses_their_own_address_as_password(
    employ: Employ, opened: Opened, people_database: Database, services: Any, decorate: Any
) -> None:
    granted = await log_in(opened, person := await employ())
    chosen = decorate(person.email)
    async with opened(granted.access_token, ip=person.ip) as context:
        with pytest.raises(Invalid, match="address"):
            await accounts.change_password(context, current_password=PASSWORD, new_password=chosen)
    with pytest.raises(Invalid, match="address"):
        await accounts.set_password(
            people_database, services.hasher, account_id=person.account_id, password=chosen
        )
    assert not await is_refused(opened, granted.access_token)
    await log_in(opened, person)


async def test_a_password_that_is_set_ends_every_log_in(
    employ: Employ, opened: Opened, people_database: Database, services: Any
) -> None:
    granted = await log_in(opened, person := await employ())
    await accounts.set_password(
        people_database, services.hasher, account_id=person.account_id, password=NEW
    )
    assert await is_refused(opened, granted.access_token)
    async with opened(ip=person.ip) as context:
        await accounts.log_in(context, email=person.email, password=NEW)


async def test_an_account_is_made_once_for_all_spellings_and_never_overwritten(
    people_database: Database, services: Any
) -> None:
    address = f"Zoë-{ids.uuid7().hex}@Bücher.Example"
    hashed = await services.hasher.hash(PASSWORD)
    spellings = (address.upper(), address.replace("ë", "e\u0308"), parse(address).key)
    async with people_database.write(Scope()) as session:
        first = await accounts.account_for(session, address, password_hash=hashed)
        again = [
            await accounts.account_for(session, spelling, password_hash="other")
            for spelling in spellings
        ]
    assert {account.id for account in again} == {first.id}
    assert first.password_hash == hashed
    assert first.email == address.lower().replace("bücher", "xn--bcher-kva")


async def test_passwords_and_tokens_are_neither_stored_nor_logged_in_clear_text(
    employ: Employ, opened: Opened, people_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    person = await employ()
    granted = await log_in(opened, person)
    async with opened(granted.access_token, ip=person.ip) as context:
        await accounts.change_password(context, current_password=PASSWORD, new_password=NEW)
    async with opened(ip=person.ip) as context:
        signed_in = await accounts.log_in(context, email=person.email, password=NEW)
    renewed = await refresh(opened, signed_in.refresh_token)
    secrets = [PASSWORD, NEW, granted.refresh_token, renewed.refresh_token]
    secrets += [granted.access_token, renewed.access_token]
    kept = [await _everything(people_database, person), caplog.text]
    for text in kept:
        assert not [secret for secret in secrets if secret in text]


async def _everything(database: Database, person: Person) -> str:
    """Read every table whole, past all walls."""
    async with database.engine.connect() as connection:
        tables = await connection.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        texts = []
        for table in tables.all():
            rows = await connection.execute(sa.text(f"SELECT t::text FROM {table} t"))
            texts += [row[0] for row in rows]
    assert any(str(person.account_id) in row for row in texts)
    return "\n".join(texts)


async def kinds_of(database: Database, person: Person) -> list[AccountEventKind]:
    async with database.read(Scope()) as session:
        mine = sa.select(AccountEvent.kind).where(AccountEvent.account_id == person.account_id)
        return list(await session.scalars(mine))
