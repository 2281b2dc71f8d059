"""Programmes in any state and their items, written past the API, and how they are asked for."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from qgp.organizations.model import Site
from qgp.programmes.model import (
    AuditProgramme,
    AuditProgrammeStandard,
    AuditProgrammeStatus,
    ProgrammeItem,
)
from qgp.standards.model import Clause
from qgp.templates.model import QuestionClause, TemplateVersion
from qgp.templates.model.terms import TemplateVersionStatus
from tests import factories
from tests.audits.audit_records import AuditRecords, Checklist, asked
from tests.company import Client
from tests.factories.programmes import START

PROGRAMME = "auditProgramme { id version status }"
ITEM = "programmeItem { id version }"


@dataclass
class ProgrammeRecords(AuditRecords):
    """Programmes of a company and their items, written as a test needs them."""

    async def programme(
        self,
        status: AuditProgrammeStatus = AuditProgrammeStatus.DRAFT,
        *,
        by: UUID | None = None,
        owner: UUID | None = None,
        standards: tuple[UUID, ...] = (),
        **facts: Any,
    ) -> AuditProgramme:
        """Write a programme in a state, however it came there; `by` the owner if nobody else."""
        boss = self.company.owner.user_id
        if status is not AuditProgrammeStatus.DRAFT:
            facts = {"approved_by_id": boss, **facts}
        row = factories.audit_programme(status, owner_id=owner or boss, **facts)
        async with self.working() as work:
            info = work.session.info
            info["scope"] = replace(info["scope"], actor_id=by or boss)
            await work.add(row)
            for id in standards:
                await work.add(AuditProgrammeStandard(programme_id=row.id, standard_id=id))
        return row

    async def item(self, programme: AuditProgramme, **facts: Any) -> ProgrammeItem:
        """Write an item of a programme; at a site of its own if nothing says where it looks."""
        if not {"clause_id", "site_id", "department_id", "process_id"} & facts.keys():
            facts["site_id"] = (await self.site()).id
        async with self.working() as work:
            return await work.add(factories.programme_item(programme.id, **facts))

    async def site(self, parent: Site | None = None, code: str | None = None) -> Site:
        """Write a site, below another or on top."""
        coded = {"code": code} if code else {}
        async with self.working() as work:
            return await work.add(factories.site(parent_id=parent and parent.id, **coded))

    async def clause_below(self, parent: Clause, number: str = "1", **facts: Any) -> Clause:
        """Write a clause below another."""
        async with self.working() as work:
            return await work.add(factories.clause_below(parent, number, **facts))

    async def checklist_about(self, clause: Clause) -> Checklist:
        """Write a published checklist whose one question asks after a clause."""
        draft = TemplateVersionStatus.DRAFT
        checklist = await self.checklist(asked(), status=draft)
        async with self.working() as work:
            asks = {"question_id": checklist.questions[0].id, "clause_id": clause.id}
            await work.add(QuestionClause(**asks))
            version = await work.get(TemplateVersion, checklist.version.id)
            version.enter(TemplateVersionStatus.PUBLISHED)
            checklist.version = await work.change(version, {"published_on": START})
        return checklist


def at(row: Any, **more: Any) -> dict[str, Any]:
    """Return what says which record is meant, in the version that the test knows."""
    return {"id": row.public_id, "expectedVersion": row.version, **more}


async def show(api: Client, row: Any, shown: str) -> Any:
    """Read fields of a programme or an item; None where it is hidden."""
    root = "auditProgramme" if isinstance(row, AuditProgramme) else "programmeItem"
    document = f"query ($id: ID!) {{ {root}(by: {{id: $id}}) {{ {shown} }} }}"
    return (await api.ask(document, id=row.public_id))[root]
