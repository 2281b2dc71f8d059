"""What modules declare suffices: columns that assign records, and subjects, notify of them."""

from collections.abc import Sequence
from uuid import UUID

from qgp.kit.assignment import assignments
from qgp.kit.model import Record, records
from qgp.kit.names import to_camel
from qgp.kit.outbox import event_kind
from qgp.kit.policy import Role
from qgp.kit.subjects import SUBJECTS
from qgp.kit.work import Work
from tests import factories
from tests.company import Company
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify


async def _assign(work: Work, user: UUID) -> None:
    """Name a user in each column that assigns a record."""
    clause = await work.add(factories.clause((await work.add(factories.standard())).id))
    audit = await work.add(factories.audit(lead_auditor_id=user))
    rows: Sequence[Record] = (
        factories.audit_team_member(audit.id, user),
        factories.audit_auditee(audit.id, user),
        factories.action(owner_id=user),
        factories.audit_programme(owner_id=user),
        factories.capa(owner_id=user, sponsor_id=user),
        factories.clause_assessment(clause.id, owner_id=user),
        factories.delegation(work.caller.user_id, user),
        factories.finding(owner_id=user),
        factories.process(owner_id=user),
    )
    for row in rows:
        await work.add(row)


async def test_each_column_that_assigns_a_record_notifies_the_user(company: Company) -> None:
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with work_of(company) as work:
        await _assign(work, kim.user_id)
    await notify(company)
    async with kim.signed_in() as of_kim:
        shown = {
            (one["event"], one["field"]) for one in await listed(of_kim, kind={"eq": "ASSIGNED"})
        }
    assert shown == {
        (f"{event_kind(kind)}.assigned", to_camel(column.removesuffix("_id")))
        for kind in records().values()
        for column in assignments(kind)
    }


async def _subjects(work: Work) -> dict[str, Record]:
    """Write a record of each kind that others are about; return them by prefix."""
    finding = await work.add(factories.finding())
    audit = await work.add(factories.audit())
    template = await work.add(factories.audit_template())
    version = await work.add(factories.template_version(template.id))
    question = await work.add(factories.question(await work.add(factories.section(version.id))))
    rows: Sequence[Record] = (
        factories.action(owner_id=work.caller.user_id),
        factories.audit_programme(owner_id=work.caller.user_id),
        factories.audit_response(audit.id, question.id, "YES", answered_by_id=work.caller.user_id),
        factories.capa(owner_id=None),
        factories.evidence_item(finding),
    )
    written = [finding, audit, version, *[await work.add(row) for row in rows]]
    return {row.prefix: row for row in written}


async def test_a_change_of_each_kind_of_record_notifies_its_watcher(company: Company) -> None:
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with work_of(company) as work:
        rows = await _subjects(work)
    async with work_of(company) as work:
        work.session.add_all(factories.watch(kim.user_id, row) for row in rows.values())
    await notify(company)
    async with work_of(company) as work:
        for row in rows.values():
            await work.touch(await work.get(type(row), row.id))
    await notify(company)
    async with kim.signed_in() as of_kim:
        changes = await listed(of_kim, kind={"eq": "WATCHED_CHANGE"})
    assert {one["event"].partition(".")[2] for one in changes} == {"updated"}
    assert rows.keys() == SUBJECTS.keys()
    assert {one["record"]["id"] for one in changes} == {row.public_id for row in rows.values()}
