import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.accounts.commands import accounts
from qgp.accounts.commands.sign_ins import Granted
from qgp.accounts.commands.throttle import serialise
from qgp.accounts.model import Account, AccountEvent, AccountEventKind, LogIn
from qgp.authentication.origins import Origin
from qgp.authentication.passwords import Hasher
from qgp.kit import clock
from qgp.kit.errors import DomainError, Invalid, InvalidCredentials, RateLimited
from qgp.kit.policy import Role
from qgp.kit.session import Database, Scope
from qgp.organizations.model import OrganizationStatus
from qgp.users.model import UserStatus
from tests.accounts.conftest import PASSWORD, Employ, Opened, Person, Suspend

YESTERDAY, TOMORROW = timedelta(days=-1), timedelta(days=1)


async def attempt(
    opened: Opened, email: str, password: str, *, ip: str, organization: str | None = None
) -> Granted:
    async with opened(ip=ip) as context:
        return await accounts.log_in(
            context, email=email, password=password, organization=organization
        )


async def failure(opened: Opened, email: str, password: str, ip: str) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await attempt(opened, email, password, ip=ip)
    return refusal.value


async def events(database: Database, ip: str) -> list[AccountEvent]:
    network = f"{ip.rpartition('.')[0]}.0/24"
    async with database.read(Scope()) as session:
        statement = sa.select(AccountEvent).where(AccountEvent.network == network)
        return list(await session.scalars(statement.order_by(AccountEvent.at)))


async def test_the_right_password_signs_in(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person: Person = await employ()
    async with opened(ip=person.ip, request_id="req-1") as context:
        granted = await accounts.log_in(context, email=person.email, password=PASSWORD)
        assert context.caller == granted.principal
    assert granted.principal.user_id == person.user_id
    assert granted.expires_in == 1800
    recorded = [
        (event.kind, event.account_id, event.request_id)
        for event in await events(people_database, person.ip)
    ]
    assert recorded == [(AccountEventKind.LOG_IN, person.account_id, "req-1")]
    async with opened(granted.access_token) as context:
        assert context.caller == granted.principal


async def test_an_address_is_found_in_any_spelling(employ: Employ, opened: Opened) -> None:
    person = await employ()
    variant = f"  {person.email.upper()} "
    granted = await attempt(opened, variant, PASSWORD, ip=person.ip)
    assert granted.principal.account_id == person.account_id


async def test_every_cause_of_refusal_looks_the_same(
    employ: Employ, suspend: Suspend, opened: Opened, people_database: Database
) -> None:
    today = datetime.now(UTC).date()
    wrong, suspended = await employ(), await employ(role=Role.EMPLOYEE)
    await suspend(suspended)
    others: list[Person] = [
        await employ(password=None),
        suspended,
        await employ(status=UserStatus.INVITED),
        await employ(organization=OrganizationStatus.SUSPENDED),
        await employ(valid_from=today + TOMORROW),
        await employ(valid_until=today + YESTERDAY),
    ]
    answers = [await failure(opened, "nobody@people.example", PASSWORD, "10.200.0.1")]
    answers += [await failure(opened, wrong.email, PASSWORD + "!", wrong.ip)]
    answers += [await failure(opened, other.email, PASSWORD, other.ip) for other in others]
    assert {type(answer) for answer in answers} == {InvalidCredentials}
    assert {(answer.message, answer.path) for answer in answers} == {
        (
            "E-mail address, password or organization is wrong. Check all three and sign in again.",
            None,
        )
    }
    for ip in ["10.200.0.1", wrong.ip, *(other.ip for other in others)]:
        kinds = [event.kind for event in await events(people_database, ip)]
        assert kinds == [AccountEventKind.LOG_IN_FAILED]


async def test_a_foreign_organization_is_refused_like_a_wrong_password(
    employ: Employ, opened: Opened
) -> None:
    person, foreign = await employ(), await employ()
    with pytest.raises(InvalidCredentials):
        await attempt(opened, person.email, PASSWORD, ip=person.ip, organization=foreign.slug)


async def test_who_works_in_several_organizations_names_one_of_their_own(
    employ: Employ, suspend: Suspend, opened: Opened
) -> None:
    first: Person = await employ()
    second: Person = await employ(email=first.email)
    left: Person = await employ(email=first.email, role=Role.EMPLOYEE)
    await suspend(left)
    with pytest.raises(Invalid) as refusal:
        await attempt(opened, first.email, PASSWORD, ip=first.ip)
    assert refusal.value.path == ("organization",)
    assert all(person.slug in refusal.value.message for person in (first, second))
    assert left.slug not in refusal.value.message
    granted = await attempt(opened, first.email, PASSWORD, ip=first.ip, organization=second.slug)
    assert granted.principal.organization_id == second.organization_id
    wrong = await failure(opened, first.email, "not the password", first.ip)
    assert isinstance(wrong, InvalidCredentials)


async def test_validity_is_counted_in_days_of_the_organization(
    employ: Employ, opened: Opened
) -> None:
    now = datetime.now(UTC).replace(hour=22, minute=30)
    person = await employ(zone="Pacific/Auckland", valid_until=now.date())
    with clock.fixed(now), pytest.raises(InvalidCredentials):
        await attempt(opened, person.email, PASSWORD, ip=person.ip)


async def test_after_five_failures_even_the_right_password_waits(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    start = datetime.now(UTC)
    for second in range(5):
        with clock.fixed(start + timedelta(seconds=second)):
            assert isinstance(
                await failure(opened, person.email, "wrong", person.ip), InvalidCredentials
            )
    with clock.fixed(start + timedelta(seconds=5)):
        refusal = await failure(opened, person.email, PASSWORD, person.ip)
    assert isinstance(refusal, RateLimited)
    assert 1 <= refusal.seconds <= 2
    assert len(await events(people_database, person.ip)) == 5
    with clock.fixed(start + timedelta(seconds=6)):
        await attempt(opened, person.email, PASSWORD, ip=person.ip)
        assert isinstance(
            await failure(opened, person.email, "wrong", person.ip), InvalidCredentials
        )


async def test_an_unknown_address_is_throttled_like_a_known_one(opened: Opened) -> None:
    start = datetime.now(UTC)
    with clock.fixed(start):
        answers = [
            type(await failure(opened, "void@people.example", "wrong", "10.201.0.1"))
            for _ in range(6)
        ]
    assert answers == [InvalidCredentials] * 5 + [RateLimited]


async def test_the_failures_of_one_network_do_not_delay_another(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    for _ in range(5):
        await failure(opened, person.email, "wrong", "10.202.0.1")
    assert isinstance(await failure(opened, person.email, "wrong", "10.202.0.9"), RateLimited)
    await attempt(opened, person.email, PASSWORD, ip=person.ip)


async def test_a_network_that_sprays_many_accounts_is_stopped_at_20(opened: Opened) -> None:
    answers = [
        type(await failure(opened, f"spray-{number}@people.example", "wrong", "10.203.0.1"))
        for number in range(21)
    ]
    assert answers == [InvalidCredentials] * 20 + [RateLimited]


async def test_an_account_under_attack_stays_open_where_its_owner_got_in(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    await attempt(opened, person.email, PASSWORD, ip=person.ip)
    now = datetime.now(UTC)
    key = Origin.of(person.email, "").email_key
    failed = AccountEventKind.LOG_IN_FAILED
    async with people_database.write(Scope()) as session:
        session.add_all(
            AccountEvent(at=now, kind=failed, email_key=key, network=f"10.250.{number}.0/24")
            for number in range(100)
        )
    with clock.fixed(now + timedelta(seconds=1)):
        refusal = await failure(opened, person.email, PASSWORD, "10.251.0.1")
        await attempt(opened, person.email, PASSWORD, ip=person.ip)
    assert isinstance(refusal, RateLimited)
    assert refusal.seconds == 30
    with clock.fixed(now + timedelta(seconds=31)):
        await attempt(opened, person.email, PASSWORD, ip="10.251.0.1")


async def test_parallel_guesses_learn_no_more_than_as_many_in_a_row(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    with clock.fixed(datetime.now(UTC)):
        guesses = [failure(opened, person.email, "wrong", person.ip) for _ in range(12)]
        answers = await asyncio.gather(*guesses)
    assert 1 <= sum(isinstance(answer, InvalidCredentials) for answer in answers) <= 5
    assert all(isinstance(answer, InvalidCredentials | RateLimited) for answer in answers)


async def test_a_verdict_does_not_wait_for_another_with_a_connection_in_hand(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    async with people_database.write(Scope()) as session:
        await serialise(session, Origin.of(person.email, person.ip))
        refusal = await failure(opened, person.email, PASSWORD, person.ip)
    assert isinstance(refusal, RateLimited)
    assert refusal.seconds == 1
    await attempt(opened, person.email, PASSWORD, ip=person.ip)


async def test_a_neighbours_failures_do_not_stop_who_got_in_from_there(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    await attempt(opened, person.email, PASSWORD, ip=person.ip)
    for number in range(20):
        await failure(opened, f"n{number}@{person.slug}.example", "wrong", person.ip)
    stranger = await failure(opened, f"s@{person.slug}.example", "wrong", person.ip)
    assert isinstance(stranger, RateLimited)
    await attempt(opened, person.email, PASSWORD, ip=person.ip)


async def test_guesses_of_a_neighbour_never_refuse_the_right_password_at_a_familiar_address(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    neighbour = person.ip.rpartition(".")[0] + ".8"
    start = datetime.now(UTC)
    with clock.fixed(start):
        await attempt(opened, person.email, PASSWORD, ip=person.ip)
    for second in range(0, 240, 10):
        with clock.fixed(start + timedelta(seconds=second)):
            await failure(opened, person.email, "wrong", neighbour)
            await attempt(opened, person.email, PASSWORD, ip=person.ip)
    with clock.fixed(start + timedelta(seconds=240)):
        refusal = await failure(opened, person.email, PASSWORD, neighbour)
    assert isinstance(refusal, RateLimited)


async def test_a_familiar_address_counts_its_own_failures_and_is_forgotten_after_30_days(
    employ: Employ, opened: Opened
) -> None:
    person = await employ()
    start = datetime.now(UTC)
    with clock.fixed(start):
        await attempt(opened, person.email, PASSWORD, ip=person.ip)
    with clock.fixed(start + timedelta(seconds=1)):
        answers = [await failure(opened, person.email, "wrong", person.ip) for _ in range(6)]
    assert [type(answer) for answer in answers] == [InvalidCredentials] * 5 + [RateLimited]
    neighbour = person.ip.rpartition(".")[0] + ".8"
    with clock.fixed(start + timedelta(days=31)):
        for _ in range(5):
            await failure(opened, person.email, "wrong", neighbour)
        assert isinstance(await failure(opened, person.email, PASSWORD, person.ip), RateLimited)


async def test_verdicts_on_other_attempts_do_not_hold_up_a_familiar_address(
    employ: Employ, opened: Opened, people_database: Database, services: Any
) -> None:
    person = await employ()
    await attempt(opened, person.email, PASSWORD, ip=person.ip)
    elsewhere = Origin.of(person.email, "10.204.0.1")
    with services.hashing_queue.taken(elsewhere), services.hashing_queue.taken(elsewhere):
        async with people_database.write(Scope()) as session:
            await serialise(session, elsewhere)
            await attempt(opened, person.email, PASSWORD, ip=person.ip)


async def test_a_hash_of_former_parameters_is_renewed_at_log_in(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    old = await Hasher(memory_kib=16, passes=1, lanes=1).hash(PASSWORD)
    async with people_database.write(Scope()) as session:
        (await session.get_one(Account, person.account_id)).password_hash = old
    await attempt(opened, person.email, PASSWORD, ip=person.ip)
    async with people_database.read(Scope()) as session:
        kept = (await session.get_one(Account, person.account_id)).password_hash
    assert kept is not None
    assert "m=8," in kept


async def test_no_connection_is_held_while_a_password_is_hashed(
    employ: Employ, opened: Opened, people_database: Database, services: Any
) -> None:
    person = await employ()
    pool: Any = people_database.engine.pool
    held: list[int] = []
    check = services.hasher.check

    async def watched(stored: str | None, password: str) -> Any:
        held.append(pool.checkedout())
        return await check(stored, password)

    services.hasher.check = watched
    try:
        granted = await attempt(opened, person.email, PASSWORD, ip=person.ip)
        async with opened(granted.access_token, ip=person.ip) as context:
            await accounts.change_password(
                context, current_password=PASSWORD, new_password="quite another sentence"
            )
    finally:
        del services.hasher.check
    assert held == [0, 0]


async def test_a_password_that_changes_while_it_is_checked_is_wrong(
    employ: Employ, opened: Opened, people_database: Database, services: Any
) -> None:
    person = await employ()
    check = services.hasher.check

    async def overtaken(stored: str | None, password: str) -> Any:
        proof = await check(stored, password)
        await accounts.set_password(
            people_database, services.hasher, account_id=person.account_id, password="another one!"
        )
        return proof

    services.hasher.check = overtaken
    try:
        assert isinstance(
            await failure(opened, person.email, PASSWORD, person.ip), InvalidCredentials
        )
    finally:
        del services.hasher.check


@pytest.mark.parametrize(
    "email", ["", "@", "a@", "nobody", "a b@c.d", "a@\0.de", "a@b@c", "\ud800@x"]
)
async def test_an_invalid_email_address_is_refused_at_the_field_email(
    opened: Opened, email: str
) -> None:
    async with opened() as context:
        with pytest.raises(Invalid) as refusal:
            await accounts.log_in(context, email=email, password=PASSWORD)
    assert refusal.value.path == ("email",)


async def test_a_log_in_lasts_30_days_at_most(
    employ: Employ, opened: Opened, people_database: Database
) -> None:
    person = await employ()
    await attempt(opened, person.email, PASSWORD, ip=person.ip)
    async with people_database.read(Scope(person.organization_id)) as session:
        log_in = (await session.scalars(sa.select(LogIn))).one()
    assert log_in.expires_at - log_in.created_at == timedelta(days=30)
