"""How lists of evidence are filtered and ordered, here and below what it is about."""

from qgp.attachments.filters import AttachmentFilter
from qgp.attachments.policy import READ as READ_FILES
from qgp.evidence import model
from qgp.evidence.enums import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.evidence.policy import READ, READ_LINKS
from qgp.kit.gql import (
    DateFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.standards.filters import ClauseFilter
from qgp.standards.policy import READ as READ_STANDARDS
from qgp.users import policy as users
from qgp.users.types import UserFilter


@filters(model.EvidenceLink)
class EvidenceLinkFilter:
    """Conditions on what evidence says about a clause."""

    id: IDFilter | None = where("The link.")
    evidence_id: IDFilter | None = where("The evidence.")
    evidence: "EvidenceItemFilter | None" = related("evidence_id", READ, "The evidence.")
    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ_STANDARDS, "The clause.")
    polarity: EnumFilter[EvidencePolarity] | None = where("Which way it speaks.")
    strength: IntFilter | None = where("1 (weak) to 3 (strong).")
    status: EnumFilter[EvidenceLinkStatus] | None = where("Whether somebody else agrees.")
    decided_at: DateTimeFilter | None = where("When somebody decided.")
    decided_by_id: IDFilter | None = where("Who decided.")


@filters(model.EvidenceItem)
class EvidenceItemFilter:
    """Conditions on a piece of evidence."""

    id: IDFilter | None = where("The piece of evidence.")
    reference: StringFilter | None = where("Its reference, e.g. EVD-2026-0001.")
    subject_id: IDFilter | None = where("The record that it is about.")
    record_id: IDFilter | None = where("The record that it consists of.")
    attachment_id: IDFilter | None = where("The file that it consists of.")
    attachment: AttachmentFilter | None = related(
        "attachment_id", READ_FILES, "The file that it consists of."
    )
    sha256: StringFilter | None = where("The SHA-256 of that file, in lower-case hex.")
    title: StringFilter | None = where("Its title.")
    kind: EnumFilter[EvidenceKind] | None = where("What it consists of.")
    confidentiality: EnumFilter[EvidenceConfidentiality] | None = where("Who may see it.")
    effective_on: DateFilter | None = where("The day that it tells of.")
    expires_on: DateFilter | None = where(
        "Its last day; `lt` today finds what has expired, `isNull: true` what never does."
    )
    collected_at: DateTimeFilter | None = where("When it was collected.")
    collected_by_id: IDFilter | None = where("Who collected it.")
    collected_by: UserFilter | None = related("collected_by_id", users.READ, "Who collected it.")
    withdrawn_at: DateTimeFilter | None = where(
        "When it was withdrawn; `isNull: true` leaves what counts."
    )
    withdrawn_by_id: IDFilter | None = where("Who withdrew it.")
    links: EvidenceLinkFilter | None = some(
        "evidence_id", READ_LINKS, "At least one thing that it says about a clause fits."
    )


EvidenceItemOrder = ordering(
    "EvidenceItem",
    collected_at="collected_at",
    effective_on="effective_on",
    expires_on="expires_on",
    reference="reference",
    title="title",
)
EvidenceLinkOrder = ordering(
    "EvidenceLink", status="status", strength="strength", decided_at="decided_at"
)
