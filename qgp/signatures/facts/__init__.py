"""Statements about signatures, for reports on the signed records."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.signatures.model import Signature
from qgp.signatures.policy import READ


def _of_subject(key_in: KeyIn) -> Any:
    """Select signer, meaning and instant of the signatures of each record, oldest first."""
    columns = (Signature.printed_name, Signature.meaning, Signature.signed_at)
    rows: Any = sa.select(Signature.subject_id, *columns).where(key_in(Signature.subject_id))
    return rows.order_by(Signature.signed_at, Signature.id)


signatures_of_subject_unfiltered = batch_rows(READ, _of_subject)
