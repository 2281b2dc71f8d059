"""Who may be on a team: nobody of what is audited, unless an administrator says why."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.users.model import User
from tests.audits.asking import blockers, done, errors_of, read, take
from tests.audits.audit_records import AuditRecords
from tests.company import Client, Company, Person, signature
from tests.evidence import unchanged
from tests.matrix import role_cases

MEMBER = "auditTeamMember { id version role overrideReason overriddenBy { id } }"
TEAM = "version leadAuditor { id } team { role user { id } overrideReason }"


async def join(api: Client, audit: Any, user_id: str, role: str = "AUDITOR", **more: Any) -> Any:
    arguments = {"auditId": audit.public_id, "userId": user_id, "role": role, **more}
    return await api.do("auditTeamMemberAdd", MEMBER, **arguments)


async def team(api: Client, audit: Any) -> list[tuple[str, str]]:
    shown = await read(api, audit, TEAM)
    return [(member["role"], member["user"]["id"]) for member in shown["team"]]


@pytest.mark.parametrize("below", [False, True])
async def test_nobody_audits_their_own_department(
    api: Client, company: Company, audit_records: AuditRecords, below: bool
) -> None:
    unit = await audit_records.department()
    department = await audit_records.department(unit) if below else unit
    insider = await company.hire(Role.AUDITOR, name="Ines", department_id=department.id)
    audit = await audit_records.audit(department_id=unit.id)
    async with unchanged(company):
        payload = await join(api, audit, insider.id)
        assert errors_of(payload) == [("BAD_USER_INPUT", "userId")]
        lead = {"leadAuditorId": insider.id, "expectedVersion": audit.version}
        payload = await api.do("auditUpdate", "audit { id }", id=audit.public_id, **lead)
        assert errors_of(payload) == [("BAD_USER_INPUT", "leadAuditorId")]
        assert "belongs to the audited department" in payload["errors"][0]["message"]
        plan = {"type": "SYSTEM", "method": "ONSITE", "source": "FIRST_PARTY", "title": "x"}
        plan |= {"departmentId": f"dep_{unit.id.hex}", "leadAuditorId": insider.id}
        payload = await api.do("auditCreate", "audit { id }", **plan)
        assert errors_of(payload) == [("BAD_USER_INPUT", "leadAuditorId")]
    other = await audit_records.audit(department_id=(await audit_records.department()).id)
    assert errors_of(await join(api, other, insider.id)) == []


async def test_who_works_above_the_audited_department_may_audit_it(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    above = await audit_records.department()
    unit = await audit_records.department(above)
    outsider = await company.hire(Role.AUDITOR, department_id=above.id)
    audit = await audit_records.audit(department_id=unit.id)
    assert errors_of(await join(api, audit, outsider.id)) == []


async def test_nobody_audits_their_own_process(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    owner = await company.hire(Role.PROCESS_OWNER, name="Pia")
    audit = await audit_records.audit(process_id=(await audit_records.process(owner.user_id)).id)
    async with unchanged(company):
        payload = await join(api, audit, owner.id, "EXPERT")
    assert errors_of(payload) == [("BAD_USER_INPUT", "userId")]
    assert "Pia owns the audited process" in payload["errors"][0]["message"]


async def test_an_administrator_says_why_somebody_may(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """The reason is in the trail and shown on the member."""
    unit = await audit_records.department()
    insider = await company.hire(Role.LEAD_AUDITOR, department_id=unit.id)
    audit = await audit_records.audit(department_id=unit.id, created_by_id=None)
    planner = await company.hire(Role.QUALITY_MANAGER)
    async with planner.signed_in() as client, unchanged(company):
        payload = await join(client, audit, insider.id, overrideReason="Nobody else knows it.")
        assert errors_of(payload) == [("FORBIDDEN", "overrideReason")]
    payload = await join(api, audit, insider.id, overrideReason="Nobody else knows it.")
    shown = payload["auditTeamMember"]
    assert shown["overrideReason"] == "Nobody else knows it."
    assert shown["overriddenBy"] == {"id": company.owner.id}
    entry = """SELECT reason FROM audit_entries WHERE entity = 'audit_team_members'
        AND organization_id = :own AND reason IS NOT NULL"""
    async with audit_records.working() as work:
        reasons = await work.session.execute(sa.text(entry), {"own": company.organization_id})
        assert reasons.scalars().all() == ["Nobody else knows it."]
    audit = await audit_records.now(audit)
    lead: dict[str, Any] = {"leadAuditorId": insider.id, "expectedVersion": audit.version}
    await done(api, "auditUpdate", id=audit.public_id, **lead)  # and may lead then
    assert await team(api, audit) == [("LEAD", insider.id)]
    # another subject takes back what was said
    audit = await audit_records.now(audit)
    elsewhere: dict[str, Any] = {"departmentId": None, "expectedVersion": audit.version}
    await done(api, "auditUpdate", id=audit.public_id, **elsewhere)
    (member,) = (await read(api, audit, TEAM))["team"]
    assert member["overrideReason"] is None


async def test_a_partial_team_keeps_the_audit_from_starting(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    unit = await audit_records.department()
    lead = await company.hire(Role.LEAD_AUDITOR)
    expert = await company.hire(Role.EMPLOYEE, name="Eva")
    members = [(lead.user_id, "LEAD"), (expert.user_id, "EXPERT")]
    audit = await audit_records.audit(AuditStatus.SCHEDULED, team=members, department_id=unit.id)
    await _move(audit_records, expert.user_id, unit.id)
    shown = await read(
        api,
        audit,
        "team { id version viewerCanOverrideConflict } "
        "availableTransitions { name blockers { code } }",
    )
    member = shown["team"][1]
    (offered,) = [o for o in shown["availableTransitions"] if o["name"] == "auditStart"]
    assert offered["blockers"] == [{"code": "TEAM_IMPARTIAL"}]
    async with unchanged(company):
        payload = await take(api, "auditStart", audit)
        assert blockers(payload) == [("TEAM_IMPARTIAL", member["id"])]
    at = {"id": member["id"], "expectedVersion": member["version"], "reason": "She only advises."}
    async with lead.signed_in() as client:
        document = """mutation ($input: AuditTeamMemberOverrideConflictInput!) {
            auditTeamMemberOverrideConflict(input: $input) { errors { code } } }"""
        assert await client.refusal(document, input=at) == "FORBIDDEN"
    await done(api, "auditTeamMemberOverrideConflict", MEMBER, **at)
    payload = await take(api, "auditStart", await audit_records.now(audit))
    assert payload["audit"]["status"] == "IN_PROGRESS"


async def test_who_becomes_owner_of_the_audited_process_keeps_the_report_from_its_issue(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """At each step from the start on, until another one owns it or the conflict is overridden."""
    lead, expert, other = [await company.hire(Role.LEAD_AUDITOR) for _ in "123"]
    process = await audit_records.process(company.owner.user_id)
    members = [(lead.user_id, "LEAD"), (expert.user_id, "EXPERT")]
    of_process: dict[str, Any] = {"team": members, "process_id": process.id}
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, **of_process)
    (_, member) = (await read(api, audit, "team { id version }"))["team"]
    tied = [("TEAM_IMPARTIAL", member["id"])]

    async def own(person: Person) -> None:
        version = (await audit_records.now(process)).version
        changed = {"id": process.public_id, "expectedVersion": version, "ownerId": person.id}
        await done(api, "processUpdate", "process { id }", **changed)

    async with lead.signed_in() as client:
        for step in ("auditCompleteFieldwork", "auditSubmit", "auditIssueReport"):
            await own(expert)
            actor = api if step == "auditIssueReport" else client
            async with unchanged(company):
                payload = await take(actor, step, await audit_records.now(audit))
                assert blockers(payload) == tied
            if step == "auditIssueReport":
                break
            await own(other)
            await take(actor, step, await audit_records.now(audit))
        at = {"id": member["id"], "expectedVersion": member["version"]}
        await done(api, "auditTeamMemberOverrideConflict", MEMBER, **at, reason="Since today only.")
        audit = await audit_records.now(audit)
        assert blockers(await take(api, "auditIssueReport", audit)) == [
            ("AUTHOR_SIGNED", audit.public_id)
        ]
        signing: dict[str, Any] = {"signature": signature("AUTHORED")}
        signing |= {"recordId": audit.public_id, "expectedVersion": audit.version}
        await done(client, "recordSign", "signature { id }", **signing)
    payload = await take(api, "auditIssueReport", audit)
    assert payload["audit"]["status"] == "REPORTED"


async def test_nobody_overrides_their_own_conflict(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """Not even an administrator, neither on joining nor later."""
    process = await audit_records.process(company.owner.user_id)
    lead = await company.hire(Role.LEAD_AUDITOR)
    members = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.SCHEDULED, team=members, process_id=process.id)
    why = "I know it best."
    async with unchanged(company):
        payload = await join(api, audit, company.owner.id, overrideReason=why)
        assert errors_of(payload) == [("FORBIDDEN", "overrideReason")]
    team = [*members, (company.owner.user_id, "AUDITOR")]
    audit = await audit_records.audit(AuditStatus.SCHEDULED, team=team, process_id=process.id)
    (_, member) = (await read(api, audit, "team { id version }"))["team"]
    at = {"id": member["id"], "expectedVersion": member["version"], "reason": why}
    async with unchanged(company):
        payload = await api.do("auditTeamMemberOverrideConflict", MEMBER, **at)
        assert errors_of(payload) == [("FORBIDDEN", "id")]


async def _move(audit_records: AuditRecords, user_id: Any, department_id: Any) -> None:
    async with audit_records.working() as work:
        await work.change(await work.get(User, user_id), {"department_id": department_id})


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
@pytest.mark.parametrize("place", ["LEAD", "AUDITOR", "EXPERT", "OBSERVER", "TRAINEE"])
async def test_who_audits_has_the_role_to(
    shared_audit_records: AuditRecords, role: Role, place: str
) -> None:
    if place == "LEAD" and role in {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}:
        return  # nobody of these roles can be made lead auditor
    person = await shared_audit_records.company.hire(role)
    lead = await shared_audit_records.company.hire(Role.QUALITY_MANAGER)
    members = [(person.user_id, place)]
    if place != "LEAD":
        members.append((lead.user_id, "LEAD"))
    audit = await shared_audit_records.audit(AuditStatus.SCHEDULED, team=members)
    async with shared_audit_records.company.owner.signed_in() as api:
        payload = await take(api, "auditStart", audit)
    fit = {
        "LEAD": {Role.LEAD_AUDITOR, Role.QUALITY_MANAGER},
        "AUDITOR": {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR, Role.AUDITOR},
    }
    if role in fit.get(place, set(Role)):
        assert payload["errors"] == []
        return
    ((code, subject),) = blockers(payload)
    assert (code, str(subject)[:4]) == ("TEAM_COMPETENT", "atm_")


async def test_the_lead_is_named_by_the_audit(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    first, second = [await company.hire(Role.LEAD_AUDITOR) for _ in range(2)]
    audit = await audit_records.audit(team=[(first.user_id, "LEAD"), (second.user_id, "AUDITOR")])
    async with unchanged(company):
        assert errors_of(await join(api, audit, company.owner.id, "LEAD")) == [
            ("BAD_USER_INPUT", "role")
        ]
    arguments: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
    await done(api, "auditUpdate", **arguments, leadAuditorId=second.id)
    assert await team(api, audit) == [("LEAD", second.id)]
    shown = await read(api, audit, f"{TEAM} team {{ id version }}")
    at = {"id": shown["team"][0]["id"], "expectedVersion": shown["team"][0]["version"]}
    async with unchanged(company):
        for mutation, more in (
            ("auditTeamMemberRemove", {}),
            ("auditTeamMemberUpdate", {"role": "EXPERT"}),
        ):
            assert errors_of(await api.do(mutation, **at, **more)) == [("BAD_USER_INPUT", "role")]
    arguments["expectedVersion"] = shown["version"]
    await done(api, "auditUpdate", **arguments, leadAuditorId=None)
    assert await team(api, audit) == []


async def test_members_come_change_and_go(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    person = await company.hire(Role.AUDITOR)
    audit = await audit_records.audit()
    member = (await join(api, audit, person.id))["auditTeamMember"]
    async with unchanged(company):
        assert errors_of(await join(api, audit, person.id)) == [("ALREADY_EXISTS", "userId")]
    at = {"id": member["id"], "expectedVersion": member["version"]}
    payload = await done(api, "auditTeamMemberUpdate", MEMBER, **at, role="OBSERVER")
    assert payload["auditTeamMember"]["role"] == "OBSERVER"
    async with unchanged(company):
        stale = await api.do("auditTeamMemberUpdate", MEMBER, **at, role="EXPERT")
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
    at["expectedVersion"] = 2
    payload = await done(api, "auditTeamMemberRemove", "audit { version } deletedId", **at)
    assert payload == {"audit": {"version": 4}, "deletedId": member["id"], "errors": []}
    assert await team(api, audit) == []


async def test_a_running_audit_takes_whoever_may_audit(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    clerk = await company.hire(Role.EMPLOYEE)
    lead = await company.hire(Role.LEAD_AUDITOR)
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, team=[(lead.user_id, "LEAD")])
    async with unchanged(company):
        assert errors_of(await join(api, audit, clerk.id)) == [("BAD_USER_INPUT", "userId")]
    member = (await join(api, audit, clerk.id, "TRAINEE"))["auditTeamMember"]
    at = {"id": member["id"], "expectedVersion": member["version"]}
    async with unchanged(company):
        payload = await api.do("auditTeamMemberUpdate", MEMBER, **at, role="AUDITOR")
        assert errors_of(payload) == [("BAD_USER_INPUT", "role")]
    over = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    async with unchanged(company):
        assert errors_of(await join(api, over, clerk.id, "EXPERT")) == [
            ("BAD_USER_INPUT", "auditId")
        ]
