"""Translation of broken database constraints into the errors that models declare for them."""

from contextlib import AbstractContextManager
from copy import copy
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from qgp.kit.errors import DomainError, NotFound, StillInUse
from qgp.kit.model import Base
from qgp.kit.names import to_camel


class _ConstraintErrors:
    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raise the DomainError of a broken constraint."""
        if isinstance(error, IntegrityError) and (declared := _domain_error(error)) is not error:
            raise declared from error


_CONSTRAINT_ERRORS = _ConstraintErrors()


def constraint_errors() -> AbstractContextManager[None]:
    """Raise the DomainError that the model declares for a constraint broken within the block.

    A constraint without a declared error is a defect: its IntegrityError is raised as it is.
    """
    return _CONSTRAINT_ERRORS


def _domain_error(broken: IntegrityError) -> Exception:
    driver: Any = broken.orig
    cause = driver.__cause__ or driver
    constraint = _constraints().get(getattr(cause, "constraint_name", None) or "")
    if isinstance(constraint, sa.ForeignKeyConstraint):
        return _foreign_key(constraint, str(cause))
    error = constraint.info.get("error") if constraint is not None else None
    return copy(error) if error else broken


def _foreign_key(constraint: sa.ForeignKeyConstraint, detail: str) -> DomainError:
    if detail.startswith("update or delete"):
        return StillInUse("Other records still point at this one. Change or remove them first.")
    column = next(name for name in constraint.column_keys if name != "organization_id")
    return NotFound("No record with this id is visible to you.", to_camel(column))


@cache
def _constraints() -> dict[str, sa.Constraint]:
    tables = Base.metadata.tables.values()
    return {str(rule.name): rule for table in tables for rule in table.constraints}
