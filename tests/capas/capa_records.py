"""CAPAs in any state, their findings, analyses and actions, written past the API."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind, ActionStatus
from qgp.capas.model import Capa, CapaFinding, RootCauseAnalysis
from qgp.capas.model.terms import (
    AnalysisStatus,
    CapaStatus,
)
from qgp.evidence.model import EvidenceItem
from qgp.findings.model import Finding, FindingClause, FindingStatus
from qgp.kit import clock
from qgp.standards.model import Clause
from tests import factories
from tests.company import Client, subject_id
from tests.record_writer import RecordWriter

DUE = date(2027, 3, 1)
_count = itertools.count()


@dataclass
class CapaRecords(RecordWriter):
    """Where somebody of a company writes records as a test needs them."""

    async def capa(
        self,
        status: CapaStatus = CapaStatus.DRAFT,
        *,
        sources: Sequence[Finding] = (),
        actions: Sequence[ActionStatus] = (),
        **facts: Any,
    ) -> Capa:
        """Write a CAPA in a state, however it came there; the company's owner has it."""
        row = factories.capa(status, **{"owner_id": self.company.owner.user_id, **facts})
        async with self.working() as work:
            await work.add(row)
            for finding in sources:
                await work.add(CapaFinding(capa_id=row.id, finding_id=finding.id))
            for step in actions:
                await work.add(self._action(row, step))
        return row

    async def finding(
        self,
        status: FindingStatus = FindingStatus.OPEN,
        *,
        clause: Clause | None = None,
        **facts: Any,
    ) -> Finding:
        """Write a finding in a state, against a clause."""
        row = factories.finding(status, **facts)
        async with self.working() as work:
            await work.add(row)
            if clause is not None:
                link = {"finding_id": row.id, "clause_id": clause.id}
                await work.add(FindingClause(is_primary=True, **link))
        return row

    async def action(
        self,
        capa: Capa,
        status: ActionStatus = ActionStatus.TODO,
        *,
        owner_id: UUID | None = None,
        **facts: Any,
    ) -> Action:
        """Write an action of a CAPA in a state; the company's owner has it if nobody else does."""
        values = {"owner_id": owner_id or self.company.owner.user_id, **facts}
        async with self.working() as work:
            return await work.add(self._action(capa, status, **values))

    def _action(self, capa: Capa, status: ActionStatus, **facts: Any) -> Action:
        corrective = {"kind": ActionKind.CORRECTIVE, "owner_id": self.company.owner.user_id}
        return factories.action(status, capa_id=capa.id, **{**corrective, **facts})

    async def proof(self, row: Any, *, is_withdrawn: bool = False) -> EvidenceItem:
        """Write evidence about a record."""
        async with self.working() as work:
            return await work.add(factories.evidence_item(row, is_withdrawn=is_withdrawn))

    async def analysis(
        self,
        capa: Capa,
        status: AnalysisStatus = AnalysisStatus.COMPLETED,
        *,
        nodes: int = 0,
        **facts: Any,
    ) -> RootCauseAnalysis:
        """Write an analysis in a state, with a chain of causes whose last one is a root."""
        row = factories.root_cause_analysis(capa.id, status, **facts)
        async with self.working() as work:
            await work.add(row)
            above = None
            for place in range(nodes):
                why = {"parent_id": above, "text": f"Why {place}", "is_root": place == nodes - 1}
                above = (await work.add(factories.cause_node(row.id, **why))).id
        return row

    async def change(self, row: Any, **values: Any) -> Any:
        """Set columns of a record, however it came to that, and return it as it is now."""
        async with self.working() as work:
            return await work.change(await work.get(type(row), row.id), values)

    async def enter(self, row: Any, status: StrEnum, **values: Any) -> Any:
        """Put a record into a state, however it comes there."""
        async with self.working() as work:
            record = await work.get(type(row), row.id)
            record.enter(status)
            return await work.change(record, values)

    async def link(self, capa: Capa, finding: Finding) -> None:
        """Say that a finding is behind a CAPA, which does not count it."""
        async with self.working() as work:
            await work.add(CapaFinding(capa_id=capa.id, finding_id=finding.id))

    async def now(self, row: Any) -> Any:
        """Return a record as it is now."""
        async with self.working() as work:
            return await work.get(type(row), row.id)

    def days_ago(self, days: int) -> date:
        """Return a day of the past."""
        return clock.today() - timedelta(days=days)


def errors_of(payload: Any) -> list[tuple[str, str | None]]:
    """Return code and place of each error of a payload."""
    return [(error["code"], ".".join(error["path"] or []) or None) for error in payload["errors"]]


def blockers(payload: Any) -> list[tuple[str, str | None]]:
    """Return code and subject of each blocker of the one refusal in a payload."""
    (error,) = payload["errors"]
    assert error["__typename"] == "TransitionNotAllowedError", error
    assert all(b["message"].endswith(".") and len(b["message"]) > 20 for b in error["blockers"])
    return [(blocker["code"], subject_id(blocker)) for blocker in error["blockers"]]


async def take(api: Client, step: str, row: Any, *, version: int | None = None, **more: Any) -> Any:
    """Take a step with a record and return the payload, which shows the CAPA."""
    shown = "capa { id version status round }"
    values = {"id": row.public_id, "expectedVersion": version or row.version, **more}
    return await api.do(step, shown, **values)
