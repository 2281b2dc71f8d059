"""Statements about signatures, for reports on the signed records."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.signing import Meaning
from qgp.signatures.facts.superseding import superseded_at
from qgp.signatures.model import Signature
from qgp.signatures.policy import READ


def valid_unfiltered(meaning: Meaning) -> Any:
    """Return a table of the VALID signatures of a meaning.

    Columns: `subject_id`, `signer_id`, and `sealed`, the manifest of the signed content.
    """
    rows = sa.select(Signature.subject_id, Signature.signer_id, Signature.sealed)
    is_valid = superseded_at(Signature).is_(None)
    return rows.where(Signature.meaning == meaning, is_valid).subquery("valid_signatures")


def _of_subject(key_in: KeyIn) -> Any:
    """Select signer, meaning and instant of the signatures of each record, oldest first."""
    columns = (Signature.printed_name, Signature.meaning, Signature.signed_at)
    rows: Any = sa.select(Signature.subject_id, *columns).where(key_in(Signature.subject_id))
    return rows.order_by(Signature.signed_at, Signature.id)


signatures_of_subject_unfiltered = batch_rows(READ, _of_subject)
