"""Versions and idempotency keys: nothing is lost by haste, nothing done twice by doubt."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.errors import IdempotencyKeyReused, Invalid
from qgp.kit.gql.command_execution import execute
from qgp.kit.idempotency import IdempotencyKey, keep, once
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.organizations.model import Site
from qgp.organizations.mutations import site_create
from tests.company import Client, Company
from tests.kit.work import context_of, work_of

EMPTY = {"site": None}


async def sites(company: Company) -> list[Site]:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return list(await session.scalars(sa.select(Site).order_by(Site.id)))


async def keys(company: Company) -> list[str]:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return list(await session.scalars(sa.select(IdempotencyKey.key)))


async def test_a_stale_version_changes_nothing_and_shows_the_current_record(api: Client) -> None:
    site = (await api.do("siteCreate", "site { id }", code="A", name="One"))["site"]["id"]
    await api.do("siteUpdate", id=site, expectedVersion=1, name="Two")
    stale = await api.do(
        "siteUpdate", "site { name version }", id=site, expectedVersion=1, name="Three"
    )
    assert stale["site"] == {"name": "Two", "version": 2}
    (error,) = stale["errors"]
    assert (error["__typename"], error["code"]) == ("StaleVersionError", "STALE_VERSION")
    assert (error["expected"], error["current"], error["path"]) == (1, 2, ["expectedVersion"])


@pytest.mark.parametrize("version", [-1, 0, 2, 2**31 - 1])
async def test_a_version_that_never_was_is_stale(api: Client, version: int) -> None:
    site = (await api.do("siteCreate", "site { id }", code="A", name="One"))["site"]["id"]
    stale = await api.do("siteUpdate", id=site, expectedVersion=version, name="Two")
    assert [(e["code"], e["expected"]) for e in stale["errors"]] == [("STALE_VERSION", version)]


async def test_of_twenty_updates_of_one_version_one_wins(company: Company, api: Client) -> None:
    site = (await api.do("siteCreate", "site { id }", code="A", name="One"))["site"]["id"]
    payloads = await asyncio.gather(
        *[api.do("siteUpdate", id=site, expectedVersion=1, name=f"N{i}") for i in range(20)]
    )
    codes = [[error["code"] for error in payload["errors"]] for payload in payloads]
    assert sorted(codes) == [[], *[["STALE_VERSION"]] * 19]
    (row,) = await sites(company)
    assert row.version == 2
    assert row.name == f"N{codes.index([])}"


async def test_the_same_key_and_input_return_the_first_outcome(
    company: Company, api: Client
) -> None:
    arguments: dict[str, Any] = {"code": "A", "name": "One", "idempotencyKey": "k"}
    first = await api.do("siteCreate", "site { id version }", **arguments)
    again = await api.do("siteCreate", "site { id version }", **arguments)
    assert first == again
    assert first["errors"] == []
    assert len(await sites(company)) == 1


async def test_a_replay_shows_the_record_as_it_stands_now(api: Client) -> None:
    arguments: dict[str, Any] = {"code": "A", "name": "One", "idempotencyKey": "k"}
    site = (await api.do("siteCreate", "site { id }", **arguments))["site"]["id"]
    await api.do("siteUpdate", id=site, expectedVersion=1, name="Two")
    again = await api.do("siteCreate", "site { id name version }", **arguments)
    assert again["site"] == {"id": site, "name": "Two", "version": 2}


async def test_a_transition_is_made_once_per_key(api: Client) -> None:
    payload = await api.do(
        "standardCreate", "standard { id }", familyCode="X", edition="1", title="X", kind="SCHEME"
    )
    step = {"id": payload["standard"]["id"], "expectedVersion": 1, "idempotencyKey": "k"}
    answers = [await api.do("standardActivate", "standard { version }", **step) for _ in "12"]
    assert answers == [{"standard": {"version": 2}, "errors": []}] * 2


async def test_twenty_requests_of_one_key_make_one_row(company: Company, api: Client) -> None:
    arguments: dict[str, Any] = {"code": "A", "name": "One", "idempotencyKey": "k"}
    payloads = await asyncio.gather(
        *[api.do("siteCreate", "site { id }", **arguments) for _ in range(20)]
    )
    assert payloads == [payloads[0]] * 20
    assert payloads[0]["errors"] == []
    assert len(await sites(company)) == 1


@pytest.mark.parametrize(
    ("mutation", "other"),
    [
        ("siteCreate", {"code": "A", "name": "Two"}),
        ("siteCreate", {"code": "A", "name": "One", "country": "DE"}),
        ("departmentCreate", {"code": "A", "name": "One"}),
    ],
)
async def test_a_key_with_another_input_is_refused(
    company: Company, api: Client, mutation: str, other: dict[str, str]
) -> None:
    await api.do("siteCreate", code="A", name="One", idempotencyKey="k")
    payload = await api.do(mutation, idempotencyKey="k", **other)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]
    assert len(await sites(company)) == 1


async def test_a_repeated_key_returns_the_first_outcome_where_the_command_would_be_refused(
    company: Company, api: Client
) -> None:
    arguments = {"code": "A", "name": "One", "idempotencyKey": "k"}
    first = await api.do("siteCreate", "site { id }", **arguments)
    await api.do("siteUpdate", id=first["site"]["id"], expectedVersion=1, code="B")
    await api.do("siteCreate", code="A", name="Two")  # takes the code of the first
    assert await api.do("siteCreate", "site { id }", **arguments) == first
    assert [site.name for site in await sites(company)] == ["One", "Two"]


async def test_a_command_acts_anew_with_a_key_that_has_expired(company: Company) -> None:
    start = clock.now()
    for hours, key, code in ((0, "k", "A"), (23.9, "other", "B"), (24.2, "k", "C")):
        with clock.fixed(start + timedelta(hours=hours)):
            values = {"code": code, "name": "One", "idempotency_key": key}
            result = await execute(site_create, context_of(company), "siteCreate", values)
            assert result.errors == ()
    assert [site.code for site in await sites(company)] == ["A", "B", "C"]


async def test_what_was_refused_leaves_no_key(company: Company, api: Client) -> None:
    await api.do("siteCreate", code="A", name="One")
    taken = await api.do("siteCreate", code="A", name="Two", idempotencyKey="k")
    assert [error["code"] for error in taken["errors"]] == ["ALREADY_EXISTS"]
    assert await keys(company) == []
    retried = await api.do("siteCreate", code="B", name="Two", idempotencyKey="k")
    assert retried["errors"] == []


async def test_two_people_may_choose_the_same_key(company: Company, api: Client) -> None:
    admin = await company.hire(Role.ADMIN)
    await api.do("siteCreate", code="A", name="One", idempotencyKey="k")
    async with admin.signed_in() as other:
        payload = await other.do("siteCreate", code="B", name="Two", idempotencyKey="k")
    assert payload["errors"] == []
    assert [site.code for site in await sites(company)] == ["A", "B"]


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "REQUIRED"), ("  ", "REQUIRED"), ("x" * 201, "TOO_LONG"), ("\x00", "BAD_USER_INPUT")],
)
async def test_a_key_is_a_short_line(company: Company, api: Client, key: str, code: str) -> None:
    document = "mutation ($i: SiteCreateInput!) { siteCreate(input: $i) { errors { code path } } }"
    arguments = {"code": "A", "name": "A", "idempotencyKey": key}
    answer = await api.send(document, i=arguments)
    error = answer["errors"][0]["extensions"] if "errors" in answer else None
    error = error or answer["data"]["siteCreate"]["errors"][0]
    assert error["code"] == code
    assert await sites(company) == []


async def test_a_key_is_free_again_after_a_day(company: Company) -> None:
    start = clock.now()
    record_ids: list[UUID] = []

    async def act(name: str) -> Any:
        async with work_of(company) as work:
            code = ids.uuid7().hex[:8] + str(len(record_ids))
            record_ids.append(
                await once(work, "k", name, lambda: work.add(Site(code=code, name=name)))
            )

    await act("One")
    with clock.fixed(start + timedelta(hours=23, minutes=59)):
        await act("One")
        with pytest.raises(IdempotencyKeyReused):
            await act("Two")
    with clock.fixed(start + timedelta(hours=24, minutes=1)):
        await act("Two")
    assert record_ids[0] == record_ids[1] != record_ids[2]
    assert [site.name for site in await sites(company)] == ["One", "Two"]


async def test_a_users_old_keys_go_when_a_new_one_comes(company: Company) -> None:
    for key, days in (("old", 0), ("older", 0), ("new", 2)):
        with clock.fixed(clock.now() + timedelta(days=days)):
            async with context_of(company).unit_of_work("test") as work:
                keep(work, key, "print", (await work.add(Site(code=key, name=key))).id)
    assert await keys(company) == ["new"]


async def test_a_users_old_keys_are_looked_for_once_an_hour(company: Company) -> None:
    start = clock.now()
    left = []
    for hours in (0, 23.8, 24.3, 24.9):
        with clock.fixed(start + timedelta(hours=hours)):
            async with context_of(company).unit_of_work("test") as work:
                site = await work.add(Site(code=str(hours), name="One"))
                keep(work, str(hours), "print", site.id)
        left.append(sorted(await keys(company)))
    assert left[2:] == [["0", "23.8", "24.3"], ["23.8", "24.3", "24.9"]]


async def test_of_twenty_uses_of_an_old_key_one_acts(company: Company) -> None:
    async def act(name: str) -> UUID:
        async with work_of(company) as work:
            return await once(work, "k", name, lambda: work.add(Site(code=name, name=name)))

    old = await act("One")
    with clock.fixed(clock.now() + timedelta(hours=25)):
        results = await asyncio.gather(*[act("Two") for _ in range(20)])
        with pytest.raises(IdempotencyKeyReused):
            await act("One")
    assert len(set(results)) == 1
    assert results[0] != old
    assert [site.name for site in await sites(company)] == ["One", "Two"]


async def test_one_users_use_of_a_key_leaves_anothers_old_keys(company: Company) -> None:
    other = await company.hire(Role.ADMIN)
    async with other.signed_in() as api:
        await api.do("siteCreate", code="A", name="One", idempotencyKey="theirs")
    with clock.fixed(clock.now() + timedelta(days=2)):
        async with work_of(company) as work:
            await once(work, "mine", "print", partial(work.add, Site(code="B", name="Two")))
    assert sorted(await keys(company)) == ["mine", "theirs"]


async def test_a_key_stands_and_falls_with_its_change(company: Company) -> None:
    async def act() -> Site:
        raise Invalid("Not today.")

    with pytest.raises(Invalid):
        async with context_of(company).unit_of_work("test") as work:
            await once(work, "k", "print", act)
    assert await keys(company) == []
