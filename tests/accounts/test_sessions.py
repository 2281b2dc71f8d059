"""What a process remembers of a sign-in, and how the database takes it back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.accounts.commands import accounts
from qgp.accounts.facts import in_force
from qgp.authentication.services import Services
from qgp.kit import clock, ids
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Principal, Role, SignedIn
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work
from qgp.organizations import service as organizations
from qgp.organizations.model import Organization, OrganizationStatus, Site
from qgp.users import service as users
from qgp.users.model import User
from tests.accounts.conftest import PASSWORD, Employ, Opened, Person, Suspend, open_context


async def sign_in(opened: Opened, person: Person) -> str:
    async with opened(ip=person.ip) as context:
        granted = await accounts.log_in(
            context, email=person.email, password=PASSWORD, organization=person.slug
        )
    return granted.access_token


async def met(opened: Opened, services: Services, token: str) -> SignedIn:
    """Let the token be looked up, and return what is remembered of it."""
    async with opened(token) as context:
        signed_in = services.sessions.known(token)
        assert signed_in is not None
        assert signed_in.principal == context.caller
    return signed_in


async def standing(
    database: Database, organization_id: UUID, *log_ins: UUID, within: UUID | None = None
) -> Sequence[str]:
    """Ask in a transaction of `within`, or of the organization itself."""
    statement = sa.select(
        in_force(
            sa.literal(organization_id, sa.Uuid()), sa.literal(list(log_ins), sa.ARRAY(sa.Uuid()))
        )
    )
    async with database.read(Scope(within or organization_id)) as session:
        stamps: Sequence[str] = (await session.execute(statement)).scalar_one()
        return stamps


async def change(database: Database, person: Person, act: Any, **changes: Any) -> None:
    """Change a user, or their organization, as another owner would."""
    owner = Principal(ids.uuid7(), ids.uuid7(), person.organization_id, ids.uuid7(), Role.OWNER)
    async with database.write(Scope(person.organization_id)) as session:
        work = Work(session, owner)
        model, id = (
            (Organization, person.organization_id)
            if act is organizations.update
            else (User, person.user_id)
        )
        row: Any = await work.get(model, id)
        await act(work, id=id, expected_version=row.version, **changes)


async def test_nobody_is_known_who_has_not_been_looked_up(
    employ: Employ, opened: Opened, services: Services
) -> None:
    token = await sign_in(opened, await employ())
    assert services.sessions.known(token) is None
    await met(opened, services, token)


async def test_the_database_tells_the_stamp_that_was_remembered(
    employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    person = await employ()
    first = await met(opened, services, await sign_in(opened, person))
    other = await met(opened, services, await sign_in(opened, person))
    log_ins = [first.principal.session_id, other.principal.session_id, ids.uuid7()]
    stamps = await standing(people_database, person.organization_id, *log_ins)
    assert sorted(stamps) == sorted(
        f"{each.principal.session_id} {each.stamp}" for each in (first, other)
    )
    assert await standing(people_database, person.organization_id) == []


async def test_revalidation_never_returns_a_log_in_of_another_organization(
    employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    person, stranger = await employ(), await employ()
    signed_in = await met(opened, services, await sign_in(opened, person))
    log_in = signed_in.principal.session_id
    for organization, within in (
        (stranger.organization_id, stranger.organization_id),
        (person.organization_id, stranger.organization_id),
        (stranger.organization_id, person.organization_id),
    ):
        assert await standing(people_database, organization, log_in, within=within) == []


async def test_revalidation_does_not_return_a_revoked_log_in(
    employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    person = await employ()
    token = await sign_in(opened, person)
    signed_in = await met(opened, services, token)
    async with opened(token) as context:
        await accounts.log_out(context)
    log_in = signed_in.principal.session_id
    assert await standing(people_database, person.organization_id, log_in) == []
    assert services.sessions.known(token) == signed_in  # the process alone cannot know
    with pytest.raises(Unauthenticated):
        async with opened(token):
            pass
    assert services.sessions.known(token) is None


CHANGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "role": (users.change_role, {"role": Role.AUDITOR}),
    "first day": (users.update, {"valid_from": date(2020, 1, 1)}),
    "last day": (users.update, {"valid_until": date(2099, 1, 1)}),
    "zone": (organizations.update, {"time_zone": "Asia/Tokyo"}),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_of_user_or_organization_changes_the_stamp(
    what: str, employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    act, changes = CHANGES[what]
    await employ(beside=(person := await employ()))
    signed_in = await met(opened, services, await sign_in(opened, person))
    await change(people_database, person, act, **changes)
    [stamp] = await standing(
        people_database, person.organization_id, signed_in.principal.session_id
    )
    assert stamp != f"{signed_in.principal.session_id} {signed_in.stamp}"


async def test_whoever_is_suspended_has_another_stamp(
    employ: Employ,
    opened: Opened,
    services: Services,
    suspend: Suspend,
    people_database: Database,
) -> None:
    await employ(beside=(person := await employ()))
    token = await sign_in(opened, person)
    signed_in = await met(opened, services, token)
    await suspend(person)
    log_in = signed_in.principal.session_id
    [stamp] = await standing(people_database, person.organization_id, log_in)
    assert stamp != f"{log_in} {signed_in.stamp}"


async def test_whoever_moves_to_another_site_has_another_stamp(
    employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    person = await employ()
    signed_in = await met(opened, services, token := await sign_in(opened, person))
    async with people_database.write(Scope(person.organization_id)) as session:
        session.add(site := Site(code="S", name="Site"))
        await session.flush()
        user = (await session.scalars(sa.select(User).where(User.id == person.user_id))).one()
        user.site_id = site.id
    log_in = signed_in.principal.session_id
    [stamp] = await standing(people_database, person.organization_id, log_in)
    assert stamp != f"{log_in} {signed_in.stamp}"
    renewed = await met(opened, services, token)
    assert (stamp, renewed.principal.site_id) == (f"{log_in} {renewed.stamp}", site.id)


async def test_a_suspended_organization_has_another_stamp(
    employ: Employ, opened: Opened, services: Services, people_database: Database
) -> None:
    person = await employ()
    signed_in = await met(opened, services, await sign_in(opened, person))
    async with people_database.write(Scope(person.organization_id)) as session:
        home = (await session.scalars(sa.select(Organization))).one()
        home.status = OrganizationStatus.SUSPENDED
    log_in = signed_in.principal.session_id
    [stamp] = await standing(people_database, person.organization_id, log_in)
    assert stamp != f"{log_in} {signed_in.stamp}"


async def test_neither_token_nor_log_in_nor_days_are_outlived(
    employ: Employ, opened: Opened, services: Services
) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    person = await employ(zone="Asia/Tokyo", valid_until=date(2026, 3, 1))
    with clock.fixed(now):
        signed_in = await met(opened, services, token := await sign_in(opened, person))
    with clock.fixed(now + timedelta(hours=2, minutes=59)):
        later = services.signer.issue(
            user_id=person.user_id,
            organization_id=person.organization_id,
            log_in_id=signed_in.principal.session_id,
            access_version=1,
        )
        assert services.sessions.known(token) is None  # 30 minutes
        await met(opened, services, later)
    with clock.fixed(now + timedelta(hours=3)):
        assert services.sessions.known(later) is None  # the next day in Tokyo


async def test_a_remembered_log_in_ends_with_its_thirty_days(
    employ: Employ, opened: Opened, services: Services
) -> None:
    now = datetime.now(UTC)
    person = await employ()
    with clock.fixed(now):
        signed_in = await met(opened, services, await sign_in(opened, person))
    with clock.fixed(now + timedelta(days=30, seconds=-1)):
        token = services.signer.issue(
            user_id=person.user_id,
            organization_id=person.organization_id,
            log_in_id=signed_in.principal.session_id,
            access_version=1,
        )
        await met(opened, services, token)
    with clock.fixed(now + timedelta(days=30)):
        assert services.sessions.known(token) is None


async def test_the_sign_ins_used_last_are_remembered(
    employ: Employ,
    opened: Opened,
    services: Services,
    people_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qgp.authentication.sessions.REMEMBERED", 2)
    tokens = [await sign_in(opened, await employ()) for _ in range(3)]
    fresh = Services(services.signer, services.hasher)
    for token in (tokens[0], tokens[1], tokens[0], tokens[2]):
        header = f"Bearer {token}"
        async with open_context(
            people_database, fresh, authorization=header, request_id="r", client_ip="::1"
        ):
            pass
    assert [fresh.sessions.known(token) is not None for token in tokens] == [True, False, True]
