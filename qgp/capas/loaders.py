"""Loaders of CAPAs, their source findings, rounds and root cause analyses."""

import sqlalchemy as sa

from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.policy import (
    READ,
    READ_ANALYSES,
    READ_CONTEXT,
    READ_NODES,
    READ_ROUNDS,
    READ_SOURCES,
)
from qgp.kit.loader import KeyIn, Register, excerpt, linked, one
from qgp.kit.policy import Principal
from qgp.kit.subjects import subject

MOST_CAPAS = 50
MOST_ROUNDS = 50


def _youngest(caller: Principal, key_in: KeyIn) -> sa.FromClause:
    """Rank the CAPAs of each finding, the newest link first."""
    key = CapaFinding.finding_id
    order = (CapaFinding.created_at.desc(), CapaFinding.id.desc())
    rank = sa.func.row_number().over(partition_by=key, order_by=order).label("place")
    links = sa.select(key.label("key"), CapaFinding.capa_id.label("id"), rank)
    ranked = links.where(key_in(key), *READ_SOURCES.visible(caller)).subquery()
    return sa.select(ranked).where(ranked.c.place <= MOST_CAPAS).subquery()


def _latest(caller: Principal, key_in: KeyIn) -> sa.FromClause:
    """Rank the completed rounds of each CAPA, the latest first."""
    key = CapaRound.capa_id
    rank = sa.func.row_number().over(partition_by=key, order_by=CapaRound.number.desc())
    links = sa.select(key.label("key"), CapaRound.id.label("id"), rank.label("place"))
    ranked = links.where(key_in(key), *READ_ROUNDS.visible(caller)).subquery()
    return sa.select(ranked).where(ranked.c.place <= MOST_ROUNDS).subquery()


capa_by_id = subject(one(Capa, READ))
parent_capa = excerpt(Capa, READ_CONTEXT)
capa_by_reference = one(Capa, READ, by=Capa.reference, example="CAPA-2026-0001")
capas_of_finding = linked(Capa, READ, _youngest)
capa_finding_by_id = one(CapaFinding, READ_SOURCES)
capa_round_by_id = one(CapaRound, READ_ROUNDS)
rounds_of_capa = linked(CapaRound, READ_ROUNDS, _latest)
analysis_by_id = one(RootCauseAnalysis, READ_ANALYSES)
cause_node_by_id = one(CauseNode, READ_NODES)

capas = Register(Capa, READ, ("due_on",))
capa_findings = Register(CapaFinding, READ_SOURCES, ("created_at",))
capa_rounds = Register(CapaRound, READ_ROUNDS, ("ended_on",))
root_cause_analyses = Register(RootCauseAnalysis, READ_ANALYSES, ("created_at",))
cause_nodes = Register(CauseNode, READ_NODES, ("created_at",))
