"""The clauses that questions ask after, for the types of any module."""

import sqlalchemy as sa

from qgp.kit.loader import Among, linked
from qgp.kit.policy import Principal
from qgp.standards.model import Clause
from qgp.standards.policy import READ as READ_CLAUSES
from qgp.templates.model import QuestionClause


def _as_added(_: Principal, among: Among) -> sa.FromClause:
    """Rank the clauses of each question, the first one first."""
    key = QuestionClause.question_id
    rank = sa.func.row_number().over(partition_by=key, order_by=QuestionClause.id).label("place")
    links = sa.select(key.label("key"), QuestionClause.clause_id.label("id"), rank)
    return links.where(among(key)).subquery()


clauses_of_question = linked(Clause, READ_CLAUSES, _as_added)
