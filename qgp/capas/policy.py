"""Permissions on CAPAs, their links, rounds and root cause analyses."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import ENDED, AnalysisStatus, CapaPriority
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import below, scoped

WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
RAISERS = WORKERS | {Role.LEAD_AUDITOR, Role.AUDITOR, Role.RISK_MANAGER}
URGENT = frozenset({CapaPriority.HIGH, CapaPriority.CRITICAL})


def concerns(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller owns, sponsors or created a CAPA."""
    people = (Capa.owner_id, Capa.sponsor_id, Capa.created_by_id)
    return sa.or_(*[column == caller.user_id for column in people])


def has_not_ended(capa: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a CAPA has not ended."""
    condition: sa.ColumnElement[bool] = capa.status.not_in(ENDED)
    return condition


def is_draft(analysis: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an analysis is not completed."""
    condition: sa.ColumnElement[bool] = analysis.status == AnalysisStatus.DRAFT
    return condition


def is_of_draft(node: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a cause node belongs to an analysis that is not completed."""
    analysis = aliased(RootCauseAnalysis)
    drafts = sa.select(analysis.id)
    drafts = drafts.where(analysis.id == node.analysis_id, is_draft(analysis, caller))
    return drafts.exists()


READ = Permission("capa:read", MEMBERS, rows=scoped(Capa, concerns))
READ_CONTEXT = Permission("capa:readContext", MEMBERS)  # limited by the action that shows it
READ_SOURCES = Permission("capaFinding:read", MEMBERS, rows=below(CapaFinding.capa_id, Capa, READ))
READ_ROUNDS = Permission("capaRound:read", MEMBERS, rows=below(CapaRound.capa_id, Capa, READ))
READ_ANALYSES = Permission(
    "rootCauseAnalysis:read", MEMBERS, rows=below(RootCauseAnalysis.capa_id, Capa, READ)
)
READ_NODES = Permission(
    "causeNode:read",
    MEMBERS,
    rows=below(CauseNode.analysis_id, RootCauseAnalysis, READ_ANALYSES),
)
CREATE = Permission("capa:create", RAISERS)
UPDATE = Permission("capa:update", WORKERS)
MOVE = Permission("capa:move", MEMBERS)  # a CAPA's owner may have any role
DECIDE = Permission("capa:decide", QUALITY)
