"""People who leave: their open work is handed over, and nothing is assigned to them any more."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.actions.model import Action, ActionStatus
from qgp.audits.model import Audit, AuditTeamMember
from qgp.audits.model.terms import AuditStatus, AuditTeamRole
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import Finding, FindingStatus
from qgp.kit.audit import AuditEntry
from qgp.kit.errors import Invalid
from qgp.kit.model import Record, records
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgrammeStatus
from qgp.users import service
from qgp.users.model import User, UserStatus
from tests import factories
from tests.company import Client, Company, Person
from tests.evidence import unchanged
from tests.kit.work import work_of

COUNTS = {"Action": 2, "Audit": 1, "AuditProgramme": 1, "Capa": 2, "Finding": 2, "Process": 1}
SHOWN = "user { status version openWork { kind count } } openWork { kind count }"


def errors_of(payload: Any) -> list[tuple[str, list[str] | None]]:
    return [(error["code"], error["path"]) for error in payload["errors"]]


async def suspend(company: Company, person: Person) -> None:
    """Suspend a user past the command, which would ask for a successor."""
    async with work_of(company) as work:
        user = await work.get(User, person.user_id)
        user.enter(UserStatus.SUSPENDED)
        await work.change(user, {})


async def expire(company: Company, person: Person) -> None:
    """End the validity of a user past the command."""
    async with work_of(company) as work:
        user = await work.get(User, person.user_id)
        await work.change(user, {"valid_until": date(2020, 1, 1)})


def counted(rows: Any) -> dict[str, int]:
    return {row["kind"]: row["count"] for row in rows}


async def burdened(company: Company, owner: Person, successor: Person) -> dict[str, Record]:
    """Give a user work of every kind, ended and not; return the open records by name."""
    me = {"owner_id": owner.user_id}
    ended: list[Record] = [
        factories.finding(FindingStatus.CLOSED, **me),
        factories.capa(CapaStatus.CLOSED, **me),
        factories.action(ActionStatus.DONE, **me),
        factories.audit(AuditStatus.CANCELLED, lead_auditor_id=owner.user_id),
        factories.audit_programme(AuditProgrammeStatus.CLOSED, **me),
    ]
    rows: dict[str, Record] = {
        "finding": factories.finding(FindingStatus.VERIFICATION, **me),
        "conceded": factories.finding(FindingStatus.ACCEPTED, **me),
        "capa": factories.capa(CapaStatus.EFFECTIVENESS, **me, sponsor_id=owner.user_id),
        "sponsored": factories.capa(
            CapaStatus.OPEN, owner_id=successor.user_id, sponsor_id=owner.user_id
        ),
        "action": factories.action(ActionStatus.BLOCKED, **me),
        "unverified": factories.action(ActionStatus.DONE, **me, is_verification_required=True),
        "audit": factories.audit(AuditStatus.IN_PROGRESS, lead_auditor_id=owner.user_id),
        "programme": factories.audit_programme(AuditProgrammeStatus.ACTIVE, **me),
        "process": factories.process(**me),
    }
    async with work_of(company) as work:
        for row in (*ended, *rows.values()):
            await work.add(row)
        lead = {"user_id": owner.user_id, "role": AuditTeamRole.LEAD}
        await work.add(AuditTeamMember(audit_id=rows["audit"].id, **lead))
    return rows


async def test_a_leaver_hands_over_all_open_work_in_one_transaction(
    api: Client, company: Company
) -> None:
    leaver = await company.hire(Role.LEAD_AUDITOR, name="Lea")
    heir = await company.hire(Role.LEAD_AUDITOR, name="Hal")
    rows = await burdened(company, leaver, heir)
    at = {"id": leaver.id, "expectedVersion": 1}
    ways: list[tuple[str, dict[str, Any]]] = [
        ("userSuspend", {}),
        ("userUpdate", {"validUntil": "2020-01-01"}),
        ("userChangeRole", {"role": "EXTERNAL_AUDITOR"}),
    ]
    numbers = ", ".join(f"{kind} {count}" for kind, count in COUNTS.items())
    async with unchanged(company):
        for act, fields in ways:
            refused = await api.do(act, SHOWN, **at, **fields)
            assert errors_of(refused) == [("TRANSITION_NOT_ALLOWED", None)]
            (blocker,) = refused["errors"][0]["blockers"]
            assert blocker["code"] == "OPEN_WORK"
            assert f"Lea has open work ({numbers})" in refused["errors"][0]["message"]
            assert (refused["openWork"], counted(refused["user"]["openWork"])) == (None, COUNTS)
        required = """query ($id: ID!) { user(by: {id: $id}) { availableTransitions {
            name requiredInputs { name type } } } }"""
        options = (await api.ask(required, id=leaver.id))["user"]["availableTransitions"]
        successor = {"name": "reassignOpenWorkToId", "type": "ID"}
        assert options == [{"name": "userSuspend", "requiredInputs": [successor]}]
    await _nobody_unfit_takes_it_over(api, company, leaver)
    done = await api.do("userSuspend", SHOWN, **at, reassignOpenWorkToId=heir.id)
    assert counted(done["openWork"]) == COUNTS
    assert done["user"] == {"status": "SUSPENDED", "version": 2, "openWork": []}
    async with work_of(company) as work:
        for name, row in rows.items():
            moved: Any = await work.get(type(row), row.id)
            assert moved.version == 2, name
            assert leaver.user_id not in _people(moved), name
            entry = sa.select(AuditEntry.action).where(AuditEntry.entity_id == row.id)
            last = entry.order_by(AuditEntry.seq.desc()).limit(1)
            assert await work.rows(last) == ["userSuspend"]
        audit = await work.get(Audit, rows["audit"].id)
        (member,) = await work.rows(sa.select(AuditTeamMember))
        assert (member.user_id, member.role) == (heir.user_id, AuditTeamRole.LEAD)
        assert audit.lead_auditor_id == heir.user_id


def _people(row: Record) -> set[UUID | None]:
    names = ("owner_id", "sponsor_id", "lead_auditor_id")
    return {getattr(row, name) for name in names if hasattr(row, name)}


async def _nobody_unfit_takes_it_over(api: Client, company: Company, leaver: Person) -> None:
    """Neither the leaver, nor who has left, only reads, or may not lead the audit."""
    suspended = await company.hire(Role.LEAD_AUDITOR)
    await suspend(company, suspended)
    unfit = [
        leaver,
        suspended,
        await company.hire(Role.LEAD_AUDITOR, valid_until=date(2020, 1, 1)),
        await company.hire(Role.EXTERNAL_AUDITOR),
        await company.hire(Role.EMPLOYEE),
    ]
    path = "reassignOpenWorkToId"
    async with unchanged(company):
        for person in unfit:
            sent = {"id": leaver.id, "expectedVersion": 1, path: person.id}
            assert errors_of(await api.do("userSuspend", SHOWN, **sent)) == [
                ("BAD_USER_INPUT", [path])
            ]


async def test_an_invited_owner_of_work_is_not_withdrawn_without_a_successor(
    api: Client, company: Company
) -> None:
    invited = await company.hire(Role.EMPLOYEE, status=UserStatus.INVITED)
    action = factories.action(owner_id=invited.user_id)
    async with work_of(company) as work:
        await work.add(action)
    at = {"id": invited.id, "expectedVersion": 1}
    async with unchanged(company):
        refused = await api.do("userInvitationWithdraw", **at)
        assert [b["code"] for b in refused["errors"][0]["blockers"]] == ["OPEN_WORK"]
    successor = {"reassignOpenWorkToId": company.owner.id}
    done = await api.do("userInvitationWithdraw", SHOWN, **at, **successor)
    assert (done["user"]["status"], counted(done["openWork"])) == ("WITHDRAWN", {"Action": 1})
    async with work_of(company) as work:
        assert (await work.get(Action, action.id)).owner_id == company.owner.user_id


@pytest.mark.parametrize("leave", [suspend, expire])
async def test_nothing_is_assigned_to_a_user_who_has_left(
    api: Client, company: Company, leave: Any
) -> None:
    """Whatever names them, with the path of the field; what names them already stays."""
    gone = await company.hire(Role.LEAD_AUDITOR)
    process, audit = factories.process(owner_id=gone.user_id), factories.audit()
    capa, programme = (
        factories.capa(owner_id=gone.user_id),
        factories.audit_programme(owner_id=gone.user_id),
    )
    async with work_of(company) as work:
        for row in (process, audit, capa, programme):
            await work.add(row)
    await leave(company, gone)
    new = {"dueOn": "2027-03-01", "title": "x"}
    of_audit = {"id": audit.public_id, "expectedVersion": 1}
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("findingCreate", {"grade": "MINOR", "sourceType": "AUDIT", "title": "x"}, "ownerId"),
        ("capaCreate", {**new, "problemStatement": "x"}, "ownerId"),
        ("capaCreate", {**new, "problemStatement": "x"}, "sponsorId"),
        ("actionCreate", {**new, "kind": "CORRECTION"}, "ownerId"),
        ("processCreate", {"code": "x", "name": "x", "kind": "CORE"}, "ownerId"),
        ("auditUpdate", of_audit, "leadAuditorId"),
        ("auditUpdate", of_audit, "auditeeIds"),
        ("auditTeamMemberAdd", {"auditId": audit.public_id, "role": "EXPERT"}, "userId"),
    ]
    async with unchanged(company):
        for act, fields, path in cases:
            value = [gone.id] if path.endswith("Ids") else gone.id
            payload = await api.do(act, **fields, **{path: value})
            assert errors_of(payload) == [("BAD_USER_INPUT", [path])], act
            assert "This user has left" in payload["errors"][0]["message"]
    kept = {"id": process.public_id, "expectedVersion": 1, "ownerId": gone.id, "name": "New"}
    assert (await api.do("processUpdate", **kept))["errors"] == []
    kept = {"id": capa.public_id, "expectedVersion": 1, "ownerId": gone.id, "title": "New"}
    assert (await api.do("capaUpdate", **kept))["errors"] == []


def test_each_column_that_names_a_user_is_assigned_or_says_who_did_something() -> None:
    """So that the input of a new module cannot assign records to users who have left."""
    neither = {
        f"{table}.{column.name}"
        for table, kind in records().items()
        for column in kind.__table__.columns
        if column.info.get("ref") == "users"
        and "assignment" not in column.info
        and not column.name.endswith("_by_id")
    }
    signed = {"comment_mentions.user_id", "signatures.signer_id"}
    no_work = {"delegations.delegator_id", "users.manager_id", "webhook_endpoints.acting_user_id"}
    assert neither == signed | no_work


async def test_a_user_takes_open_work_before_leaving_or_not_at_all(
    api: Client, company: Company
) -> None:
    """Of two transactions at once, the later one sees what the earlier one wrote."""
    assigned, leaving = [await company.hire(Role.EMPLOYEE) for _ in "12"]
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=assigned.user_id))
        suspension = asyncio.create_task(_suspension(api, assigned))
        await _until_one_waits(company)
    refused = await suspension
    assert [blocker["code"] for blocker in refused["errors"][0]["blockers"]] == ["OPEN_WORK"]
    async with work_of(company, "userSuspend") as work:
        await service.suspend(work, await service.for_change(work, leaving.user_id, 1))
        new = {"title": "x", "kind": "CORRECTION", "dueOn": "2027-03-01", "ownerId": leaving.id}
        assignment = asyncio.create_task(api.do("actionCreate", **new))
        await _until_one_waits(company)
    assert errors_of(await assignment) == [("BAD_USER_INPUT", ["ownerId"])]
    assert await _open_actions(company) == {assigned.user_id: UserStatus.ACTIVE}


async def test_an_assignment_after_a_savepoint_sees_that_the_user_has_left_meanwhile(
    api: Client, company: Company
) -> None:
    """A rollback to a savepoint ends the lock of the user that was named within it."""
    leaver = await company.hire(Role.EMPLOYEE)
    with pytest.raises(Invalid, match="This user has left"):
        await _assigned_around_a_suspension(api, company, leaver)
    assert await _open_actions(company) == {}


async def _assigned_around_a_suspension(api: Client, company: Company, leaver: Person) -> None:
    """Assign an action that is rolled back to a savepoint, and another after the suspension."""
    async with work_of(company) as work:
        savepoint = await work.session.begin_nested()
        await work.add(factories.action(owner_id=leaver.user_id))
        await savepoint.rollback()
        assert (await _suspension(api, leaver))["errors"] == []
        await work.add(factories.action(owner_id=leaver.user_id))


async def test_a_record_that_is_reopened_after_its_owner_has_left_has_none(
    api: Client, company: Company
) -> None:
    """A suspension at the same time waits, and sees the record that was reopened before it."""
    gone, leaving = [await company.hire(Role.EMPLOYEE) for _ in "12"]
    mine = {"owner_id": gone.user_id}
    finding = factories.finding(FindingStatus.CLOSED, **mine)
    capa = factories.capa(
        CapaStatus.CLOSED, owner_id=company.owner.user_id, sponsor_id=gone.user_id
    )
    other = factories.finding(FindingStatus.CLOSED, owner_id=leaving.user_id)
    async with work_of(company) as work:
        for row in (finding, capa, other):
            await work.add(row)
    assert (await _suspension(api, gone))["errors"] == []
    why = {"expectedVersion": 1, "reason": "It recurred."}
    shown = "finding { status owner { id } }"
    reopened = await api.do("findingReopen", shown, id=finding.public_id, **why)
    assert reopened["finding"] == {"status": "ANALYSIS", "owner": None}
    shown = "capa { status owner { id } sponsor { id } }"
    reopened = await api.do("capaReopen", shown, id=capa.public_id, **why)
    owner = {"id": company.owner.id}
    assert reopened["capa"] == {"status": "ANALYSIS", "owner": owner, "sponsor": None}
    async with work_of(company, "findingReopen") as work:
        await work.move(await work.get(Finding, other.id), "findingReopen", reason="It recurred.")
        suspension = asyncio.create_task(_suspension(api, leaving))
        await _until_one_waits(company)
    refused = await suspension
    assert counted(refused["user"]["openWork"]) == {"Finding": 1}
    assert [blocker["code"] for blocker in refused["errors"][0]["blockers"]] == ["OPEN_WORK"]


async def _suspension(api: Client, person: Person) -> Any:
    return await api.do("userSuspend", SHOWN, id=person.id, expectedVersion=1)


async def _open_actions(company: Company) -> dict[UUID, UserStatus]:
    """Return the owners of actions with their status."""
    owners: Any = sa.select(Action.owner_id, User.status).join(User, User.id == Action.owner_id)
    async with work_of(company) as work:
        return dict(await work.tuples(owners))


async def _until_one_waits(company: Company) -> None:
    """Wait until a transaction of the database waits for the lock of another."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with company.application.engine.connect() as connection:
        while not await connection.scalar(waiting):
            await connection.rollback()  # for a new snapshot of the activity
