"""GraphQL types of evidence and its links to clauses."""

from datetime import date, datetime

from qgp.attachments.loaders import attachment_by_id
from qgp.attachments.refs import AttachmentRef
from qgp.evidence import model, policy, workflow
from qgp.evidence.loaders import evidence_item_by_id, evidence_links
from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.evidence.refs import EvidenceItemRef, EvidenceLinkRef
from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    URL,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    is_overdue,
    listing,
    record,
    subject_field,
    transitions,
    viewer_can_on,
)
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.EvidenceItem)
class EvidenceItem(Authored, Recorded, Node):
    """Objective evidence about a record (ISO 9000:2015, 3.8.3)."""

    reference: str = column("Reference number, such as EVD-2026-0001. It never changes.", LISTED)
    title: str = column("Short title.", EDITABLE | LISTED)
    description: str | None = column(
        "Description of what the evidence shows, and where in it.", EDITABLE, max_length=PROSE
    )
    kind: EvidenceKind = column(
        "Kind of evidence.",
        CREATE | FILTER,
        note="A FILE requires `attachmentId`, a LINK `url`, a RECORD `recordId`.",
    )
    attachment: AttachmentRef | None = belongs_to(
        attachment_by_id,
        "File of a FILE; null for another kind, or if hidden from you.",
        CREATE | FILTER,
        note="A STORED attachment, whose `sha256` is copied.",
    )
    sha256: str | None = column(
        "SHA-256 of the file of a FILE, 64 lower-case hexadecimal digits; null for another kind.",
        FILTER,
    )
    url: URL | None = column("Address of a LINK; null for another kind.", CREATE)
    subject: Node | None = subject_field("Record that the evidence is about.")
    record: Node | None = subject_field(
        "Record that a RECORD consists of; null for another kind, or if hidden from you.", "record"
    )
    confidentiality: EvidenceConfidentiality = column(
        "Confidentiality.", EDITABLE | FILTER, default=EvidenceConfidentiality.INTERNAL
    )
    effective_on: date = column("Date to which the evidence refers.", EDITABLE | LISTED)
    period_start_on: date | None = column(
        "First day of the period that it covers; null if none.", EDITABLE
    )
    period_end_on: date | None = column(
        "Last day of the period that it covers; null if none.", EDITABLE
    )
    expires_on: date | None = column(
        "Last day of validity; null if it does not expire.", EDITABLE | LISTED
    )
    is_overdue: bool = is_overdue(policy.READ, model.due, "`expiresOn`, unless it is withdrawn")
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    collected_at: datetime = column("Instant of collection; it never changes.", LISTED)
    collected_by: UserRef | None = belongs_to(
        user_by_id, "User who collected the evidence; it never changes.", FILTER
    )
    withdrawn_at: datetime | None = column("Instant of withdrawal; null unless withdrawn.", FILTER)
    withdrawn_by: UserRef | None = belongs_to(
        user_by_id, "User who withdrew it; null unless withdrawn.", FILTER
    )
    withdrawal_reason: str | None = column("Reason for the withdrawal; null unless withdrawn.")
    links: Connection[EvidenceLinkRef] = listing(
        evidence_links,
        "Links to clauses that the evidence supports or contradicts, oldest first.",
        FILTER,
        parent=model.EvidenceLink.evidence_id,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change the evidence: you collected it or are in quality, and it is not withdrawn",
    )
    viewer_can_withdraw: bool = viewer_can_on(
        policy.WITHDRAW,
        policy.is_withdrawable,
        "withdraw the evidence: you collected it or are in quality, it is not withdrawn, and it is "
        "not the last that a closed finding or CAPA requires",
    )


@record(model.EvidenceLink, named=("clause.standard.code", "clause.number"))
class EvidenceLink(Authored, Recorded, Node):
    """Link of evidence to a clause that it supports or contradicts."""

    polarity: EvidencePolarity = column(
        "Whether the evidence supports or contradicts conformity with the clause.",
        CREATE | FILTER,
    )
    strength: int = column(
        "Strength of the evidence, 1 (weak) to 3 (strong).", CREATE | LISTED, default=2
    )
    note: str | None = column("Reasoning of the link; null if none.", CREATE, max_length=2000)
    status: EvidenceLinkStatus = column("Status in the workflow.", LISTED)
    decided_at: datetime | None = column(
        "Instant of the latest confirmation or rejection; null while PROPOSED.", LISTED
    )
    decided_by: UserRef | None = belongs_to(
        user_by_id,
        "User who confirmed or rejected the link, never its creator; null while PROPOSED.",
        FILTER,
    )
    evidence: EvidenceItemRef | None = belongs_to(
        evidence_item_by_id, "The evidence.", CREATE | FILTER
    )
    clause: ClauseRef | None = belongs_to(
        clause_by_id, "The clause.", CREATE | FILTER, note="A clause in use."
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.LINK)
    viewer_can_confirm: bool = viewer_can_on(
        policy.JUDGE,
        policy.is_confirmable,
        "confirm the link: another user proposed it, and the evidence is not withdrawn",
    )
    viewer_can_reject: bool = viewer_can_on(
        policy.JUDGE, policy.is_rejectable, "reject the link: another user proposed it"
    )
