"""Which clauses audits cover, and what lies below or above a node of a tree, in SQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.audits.model import Audit, AuditClause
from qgp.audits.model.terms import AuditStatus
from qgp.kit.model import Record
from qgp.templates.model import Question, QuestionClause

CARRIED_OUT = (
    AuditStatus.FIELDWORK_DONE,
    AuditStatus.IN_REVIEW,
    AuditStatus.REPORTED,
    AuditStatus.CLOSED,
)


def named(column: Any, *where: sa.ColumnElement[bool]) -> Any:
    """Return a table `key`, `clause_id`: what audits name, or their checklists ask after.

    Args:
        column: of the audit, as key.
        where: conditions on the audit.
    """
    key = column.label("key")
    own: Any = sa.select(key, AuditClause.clause_id).select_from(Audit)
    own = own.join(AuditClause, AuditClause.audit_id == Audit.id)
    asked: Any = sa.select(key, QuestionClause.clause_id).select_from(Audit)
    asked = asked.join(Question, Question.template_version_id == Audit.template_version_id)
    asked = asked.join(QuestionClause, QuestionClause.question_id == Question.id)
    return sa.union(own.where(*where), asked.where(*where)).subquery("named")


def day_of(zone: str) -> sa.ColumnElement[Any]:
    """Return the day that an audit counts for: the end of its fieldwork, or as planned."""
    done = sa.cast(sa.func.timezone(zone, Audit.completed_at), sa.Date)
    return sa.func.coalesce(done, Audit.planned_start_on)


def upwards(start: Any, tree: type[Record], name: str) -> Any:
    """Return a table `key`, `id`: what stands above each `id` of `start`, itself included."""
    node: Any = aliased(tree)
    found = start.cte(name, recursive=True)
    further = sa.select(found.c.key, node.parent_id).join(node, node.id == found.c.id)
    return found.union(further.where(node.parent_id.is_not(None)))


def downwards(start: Any, tree: type[Record], name: str) -> Any:
    """Return a table `key`, `id`: what lies below each `id` of `start`, itself included."""
    node: Any = aliased(tree)
    found = start.cte(name, recursive=True)
    return found.union(sa.select(found.c.key, node.id).join(found, node.parent_id == found.c.id))
