"""What the mutations of evidence take."""

from datetime import date

import strawberry

from qgp.evidence.enums import EvidenceConfidentiality, EvidenceKind, EvidencePolarity
from qgp.evidence.model import EvidenceItem
from qgp.kit.gql import LONGEST_URL, PROSE, URL, given, key_field, version_field


@strawberry.input(description="Something that shows how a record stands.")
class EvidenceItemCreateInput:
    """Something that shows how a record stands."""

    subject_id: strawberry.ID = given(
        "The record it is about: anything that has `evidence`.", about=EvidenceItem
    )
    title: str = given("What it is, in a line of 1 to 200 characters.")
    description: str | None = given("What it shows, and where to look.", most=PROSE, default=None)
    kind: EvidenceKind = given(
        "What it consists of; a FILE has `attachmentId`, a LINK `url`, a RECORD `recordId`."
    )
    attachment_id: strawberry.ID | None = given(
        "The file that it consists of, of a FILE: one that is STORED; its `sha256` is kept here.",
        id_of="att",
        default=None,
    )
    url: URL | None = given("Where it is, of a LINK.", most=LONGEST_URL, default=None)
    record_id: strawberry.ID | None = given(
        "The record that it consists of, of a RECORD; another than the subject.",
        about=EvidenceItem,
        default=None,
    )
    confidentiality: EvidenceConfidentiality = given(
        "Who may see it.", default=EvidenceConfidentiality.INTERNAL
    )
    effective_on: date = given("The day that it tells of.")
    period_start_on: date | None = given("The first day that it covers.", default=None)
    period_end_on: date | None = given("The last day that it covers.", default=None)
    expires_on: date | None = given("The last day on which it can be relied on.", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(
    description="A better description of evidence; what you leave out stays, null clears. "
    "What it consists of and is about never changes: withdraw it, and collect it anew."
)
class EvidenceItemUpdateInput:
    """A better description."""

    id: strawberry.ID = given("Evidence that is not withdrawn.", id_of="evd")
    expected_version: int = version_field()
    title: strawberry.Maybe[str] = given("What it is, in a line of 1 to 200 characters.")
    description: strawberry.Maybe[str | None] = given(
        "What it shows, and where to look.", most=PROSE
    )
    confidentiality: strawberry.Maybe[EvidenceConfidentiality] = given("Who may see it.")
    effective_on: strawberry.Maybe[date] = given("The day that it tells of.")
    period_start_on: strawberry.Maybe[date | None] = given("The first day that it covers.")
    period_end_on: strawberry.Maybe[date | None] = given("The last day that it covers.")
    expires_on: strawberry.Maybe[date | None] = given("The last day on which it can be relied on.")


@strawberry.input(description="Evidence that is to count no more.")
class EvidenceItemWithdrawInput:
    """Evidence that is to count no more."""

    id: strawberry.ID = given("The evidence.", id_of="evd")
    expected_version: int = version_field()
    reason: str = given("Why it counts no more; everybody who sees it reads this.", most=2000)
    idempotency_key: str | None = key_field()


@strawberry.input(description="What evidence says about a clause, for somebody else to confirm.")
class EvidenceLinkCreateInput:
    """What evidence says about a clause."""

    evidence_id: strawberry.ID = given("The evidence.", id_of="evd")
    clause_id: strawberry.ID = given("The clause; one that is in use.", id_of="cls")
    polarity: EvidencePolarity = given("Which way it speaks.")
    strength: int = given("1 (weak) to 3 (strong).", default=2)
    note: str | None = given("Why it says so.", most=2000, default=None)
    idempotency_key: str | None = key_field()
