"""Evidence about findings, by the round of corrective action that it shows."""

from typing import Any

import sqlalchemy as sa

from qgp.evidence.facts import not_withdrawn_unfiltered
from qgp.findings.facts import is_reopening
from qgp.findings.model import Finding
from qgp.findings.policy import READ
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.status_history import last_entry


def shows_round_unfiltered(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that evidence was not collected before its finding was last reopened.

    Args:
        item: columns `organization_id`, `subject_id` and `collected_at` of the evidence.
    """
    reopened_at = last_entry(Finding, item, item.subject_id, is_reopening)
    return sa.func.coalesce(item.collected_at >= reopened_at, sa.true(), type_=sa.Boolean)


def _evidence_of_round(key_in: KeyIn) -> Any:
    item = not_withdrawn_unfiltered().c
    rows: Any = sa.select(item.subject_id, item.id)
    return rows.where(key_in(item.subject_id), shows_round_unfiltered(item))


evidence_of_round_unfiltered = batch_rows(READ, _evidence_of_round)
