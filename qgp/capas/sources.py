"""The findings behind CAPAs, for the types of any module."""

import sqlalchemy as sa

from qgp.capas.model import CapaFinding
from qgp.capas.policy import READ_SOURCES
from qgp.findings.model import Finding
from qgp.findings.policy import READ
from qgp.kit.loader import Among, linked
from qgp.kit.policy import Principal

MOST_SOURCES = 50


def _in_order(caller: Principal, among: Among) -> sa.FromClause:
    """Rank the sources of each CAPA, the first one first."""
    key = CapaFinding.capa_id
    order = (CapaFinding.created_at, CapaFinding.id)
    rank = sa.func.row_number().over(partition_by=key, order_by=order).label("place")
    links = sa.select(key.label("key"), CapaFinding.finding_id.label("id"), rank)
    return links.where(among(key), *READ_SOURCES.visible(caller)).subquery()


findings_of_capa = linked(Finding, READ, _in_order)
