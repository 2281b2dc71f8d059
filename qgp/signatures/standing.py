"""How a signature stands: what is asked of the trail, which tells of every later version."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.audit import AuditEntry
from qgp.kit.subjects import subjects_of
from qgp.signatures.model import Signature, SignatureState

_STATES = sa.Enum(SignatureState, native_enum=False, length=40, values_callable=list)


def _next_version(row: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions on the entry that tells of the version after the signed one."""
    tables = {one.model.prefix: one.model.__tablename__ for one in subjects_of(Signature)}
    return (
        AuditEntry.organization_id == row.organization_id,
        AuditEntry.entity == sa.case(tables, value=row.subject_type, else_=""),
        AuditEntry.entity_id == row.subject_id,
        AuditEntry.entity_version == row.subject_version + 1,
    )


def superseded_at(row: Any) -> sa.ColumnElement[Any]:
    """Return when the record was changed after it was signed; null if it was not."""
    return sa.select(AuditEntry.at).where(*_next_version(row)).correlate(row).scalar_subquery()


def state_of(row: Any) -> sa.ColumnElement[Any]:
    """Return the state of a signature."""
    is_past = superseded_at(row).is_not(None)
    state = sa.case((is_past, SignatureState.SUPERSEDED.value), else_=SignatureState.VALID.value)
    return sa.type_coerce(state, _STATES)
