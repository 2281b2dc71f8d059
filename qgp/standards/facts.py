"""Facts about clauses for other modules' commands."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound
from qgp.kit.work import Work
from qgp.standards.model import Clause


async def require_clause_in_use(work: Work, id: UUID, path: str) -> None:
    """Refuse a clause that is withdrawn; `path` locates its id.

    Raises:
        NotFound: no such clause in this organization.
        Invalid: it is withdrawn.
    """
    columns: Any = sa.select(Clause.id, Clause.withdrawn_at).where(Clause.id == id)
    rows = await work.tuples(columns)
    if not rows:
        raise NotFound("No Clause with this id is visible to you.", path)
    if rows[0].withdrawn_at is not None:
        raise Invalid("This clause is withdrawn. Choose one that is in use.", path)
