"""Audit criteria as texts, in SQL over the row of an audit."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from qgp.audits.model import AuditClause, AuditStandard
from qgp.standards.facts import citations_unfiltered, standards_unfiltered

_COMMA: Any = sa.literal_column("', '", sa.Text)


def clauses_of_audit(audit: Any) -> Any:
    """Return SQL for the clauses of the criteria, such as ISO9001:2015 8.5.1; null if none."""
    cited = citations_unfiltered()
    texts = sa.func.string_agg(cited.c.citation, aggregate_order_by(_COMMA, cited.c.sort_key))
    return _text(texts, aliased(AuditClause), "clause_id", cited, audit)


def criteria_of_audit(audit: Any) -> Any:
    """Return SQL for all criteria: standards, clauses and further criteria; null if none."""
    standards = standards_unfiltered()
    codes = sa.func.string_agg(standards.c.code, aggregate_order_by(_COMMA, standards.c.code))
    parts = (
        _text(codes, aliased(AuditStandard), "standard_id", standards, audit),
        clauses_of_audit(audit),
        audit.criteria,
    )
    joined = sa.func.concat_ws(sa.literal_column("'; '", sa.Text), *parts)
    return sa.func.nullif(joined, sa.literal_column("''", sa.Text), type_=sa.Text)


def _text(texts: Any, link: Any, column: str, target: Any, audit: Any) -> Any:
    """Return SQL for the joined texts of the records that an audit's links point at."""
    statement: Any = sa.select(sa.type_coerce(texts, sa.Text)).select_from(link)
    statement = statement.join(target, target.c.id == getattr(link, column))
    of_audit = sa.and_(link.organization_id == audit.organization_id, link.audit_id == audit.id)
    return statement.where(of_audit).correlate(audit).scalar_subquery()
