"""Evidence as clients see it."""

from datetime import date, datetime

from qgp.attachments.loaders import attachment_by_id
from qgp.attachments.refs import AttachmentRef
from qgp.evidence import model, policy
from qgp.evidence.enums import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.evidence.filters import EvidenceLinkFilter, EvidenceLinkOrder
from qgp.evidence.loaders import evidence_item_by_id
from qgp.evidence.refs import EvidenceItemRef, EvidenceLinkRef
from qgp.kit.gql import (
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
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(model.EvidenceItem, "What shows that something is so, about a record.")
class EvidenceItem(Authored, Recorded, Node):
    """What shows that something is so, about a record."""

    reference: str = column("What people call it, e.g. EVD-2026-0001.")
    title: str = column("What it is, in a line.")
    description: str | None = column("What it shows, and where to look.")
    kind: EvidenceKind = column("What it consists of.")
    attachment: AttachmentRef | None = belongs_to(
        attachment_by_id, "attachment_id", "The file, of a FILE; null if hidden from you."
    )
    sha256: str | None = column("SHA-256 of the file's bytes, of a FILE, in lower-case hex.")
    url: URL | None = column("Where it is, of a LINK.")
    subject: Node | None = subject_field("The record that it is about.")
    record: Node | None = subject_field(
        "The record that it consists of, of a RECORD; null if hidden from you.", "record"
    )
    confidentiality: EvidenceConfidentiality = column("Who may see it.")
    effective_on: date = column("The day that it tells of.")
    period_start_on: date | None = column("The first day that it covers.")
    period_end_on: date | None = column("The last day that it covers.")
    expires_on: date | None = column("The last day on which it can be relied on.")
    is_overdue: bool = is_overdue(
        model.EvidenceItem, policy.READ, model.due, "`expiresOn`, unless it is withdrawn"
    )
    days_until_due: int | None = days_until_due(model.EvidenceItem, policy.READ, model.due)
    collected_at: datetime = column("When it was collected; it never changes.")
    collected_by: UserRef | None = belongs_to(
        user_by_id, "collected_by_id", "Who collected it; it never changes."
    )
    withdrawn_at: datetime | None = column("Since when it counts no more.")
    withdrawn_by: UserRef | None = belongs_to(user_by_id, "withdrawn_by_id", "Who withdrew it.")
    withdrawal_reason: str | None = column("Why it counts no more.")
    links: Connection[EvidenceLinkRef] = listing(
        model.EvidenceLink,
        policy.READ_LINKS,
        EvidenceLinkFilter,
        EvidenceLinkOrder,
        ("created_at",),
        "What it says about clauses, oldest first.",
        parent=model.EvidenceLink.evidence_id,
    )
    viewer_can_update: bool = viewer_can_on(
        model.EvidenceItem,
        policy.UPDATE,
        policy.is_changeable,
        "change it: you collected it or run quality, and it is not withdrawn",
    )
    viewer_can_withdraw: bool = viewer_can_on(
        model.EvidenceItem,
        policy.WITHDRAW,
        policy.is_withdrawable,
        "withdraw it: you collected it or run quality, it is not withdrawn, and it is not the "
        "last that proves a closed finding or CAPA",
    )


@record(model.EvidenceLink, "What a piece of evidence says about a clause.")
class EvidenceLink(Authored, Recorded, Node):
    """What a piece of evidence says about a clause."""

    polarity: EvidencePolarity = column("Which way it speaks.")
    strength: int = column("1 (weak) to 3 (strong).")
    note: str | None = column("Why it says so.")
    status: EvidenceLinkStatus = column("Whether somebody else agrees.")
    decided_at: datetime | None = column("When somebody else decided; null until then.")
    decided_by: UserRef | None = belongs_to(
        user_by_id, "decided_by_id", "Who decided; never who proposed it."
    )
    evidence: EvidenceItemRef | None = belongs_to(
        evidence_item_by_id, "evidence_id", "The evidence."
    )
    clause: ClauseRef | None = belongs_to(clause_by_id, "clause_id", "The clause.")
    available_transitions: list[AvailableTransition] = transitions(model.EvidenceLink.workflow)
    viewer_can_confirm: bool = viewer_can_on(
        model.EvidenceLink,
        policy.JUDGE,
        policy.is_confirmable,
        "confirm it: somebody else proposed it, and the evidence is not withdrawn",
    )
    viewer_can_reject: bool = viewer_can_on(
        model.EvidenceLink,
        policy.JUDGE,
        policy.is_rejectable,
        "reject it: somebody else proposed it",
    )
