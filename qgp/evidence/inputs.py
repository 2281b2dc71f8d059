"""What the mutations of evidence take."""

import strawberry

from qgp.evidence.model import EvidenceItem
from qgp.kit.gql import given, key_field, version_field


class EvidenceItemCreateFields:
    """Fields of a new record beside those of its type."""

    subject_id: strawberry.ID = given(
        "The record it is about: anything that has `evidence`.", about=EvidenceItem
    )
    record_id: strawberry.ID | None = given(
        "The record that it consists of, of a RECORD; another than the subject.",
        about=EvidenceItem,
        default=None,
    )


@strawberry.input(description="Evidence that is to count no more.")
class EvidenceItemWithdrawInput:
    """Evidence that is to count no more."""

    id: strawberry.ID = given("The evidence.", id_of="evd")
    expected_version: int = version_field()
    reason: str = given("Why it counts no more; everybody who sees it reads this.", most=2000)
    idempotency_key: str | None = key_field()
