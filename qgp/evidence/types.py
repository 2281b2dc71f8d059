"""Evidence as clients see it."""

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
    LONGEST_URL,
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
    """What shows that something is so, about a record."""

    reference: str = column("What people call it, e.g. EVD-2026-0001.", LISTED)
    title: str = column("What it is, in a line.", EDITABLE | LISTED)
    description: str | None = column(
        "What it shows, and where to look.", EDITABLE, max_length=PROSE
    )
    kind: EvidenceKind = column(
        "What it consists of.",
        CREATE | FILTER,
        note="A FILE needs `attachmentId`, a LINK `url`, a RECORD `recordId`.",
    )
    attachment: AttachmentRef | None = belongs_to(
        attachment_by_id,
        "The file, of a FILE; null if hidden from you.",
        CREATE | FILTER,
        note="It is STORED; its `sha256` is kept here.",
    )
    sha256: str | None = column(
        "SHA-256 of the file's bytes, of a FILE, in lower-case hex.", FILTER
    )
    url: URL | None = column("Where it is, of a LINK.", CREATE, max_length=LONGEST_URL)
    subject: Node | None = subject_field("The record that it is about.")
    record: Node | None = subject_field(
        "The record that it consists of, of a RECORD; null if hidden from you.", "record"
    )
    confidentiality: EvidenceConfidentiality = column(
        "Who may see it.", EDITABLE | FILTER, default=EvidenceConfidentiality.INTERNAL
    )
    effective_on: date = column("The day that it tells of.", EDITABLE | LISTED)
    period_start_on: date | None = column("The first day that it covers.", EDITABLE)
    period_end_on: date | None = column("The last day that it covers.", EDITABLE)
    expires_on: date | None = column(
        "The last day on which it can be relied on.", EDITABLE | LISTED
    )
    is_overdue: bool = is_overdue(policy.READ, model.due, "`expiresOn`, unless it is withdrawn")
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    collected_at: datetime = column("When it was collected; it never changes.", LISTED)
    collected_by: UserRef | None = belongs_to(
        user_by_id, "Who collected it; it never changes.", FILTER
    )
    withdrawn_at: datetime | None = column("Since when it counts no more.", FILTER)
    withdrawn_by: UserRef | None = belongs_to(user_by_id, "Who withdrew it.", FILTER)
    withdrawal_reason: str | None = column("Why it counts no more.")
    links: Connection[EvidenceLinkRef] = listing(
        evidence_links,
        "What it says about clauses, oldest first.",
        FILTER,
        parent=model.EvidenceLink.evidence_id,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change it: you collected it or run quality, and it is not withdrawn",
    )
    viewer_can_withdraw: bool = viewer_can_on(
        policy.WITHDRAW,
        policy.is_withdrawable,
        "withdraw it: you collected it or run quality, it is not withdrawn, and it is not the "
        "last that proves a closed finding or CAPA",
    )


@record(model.EvidenceLink)
class EvidenceLink(Authored, Recorded, Node):
    """What a piece of evidence says about a clause."""

    polarity: EvidencePolarity = column("Which way it speaks.", CREATE | FILTER)
    strength: int = column("1 (weak) to 3 (strong).", CREATE | LISTED, default=2)
    note: str | None = column("Why it says so.", CREATE, max_length=2000)
    status: EvidenceLinkStatus = column("Whether somebody else agrees.", LISTED)
    decided_at: datetime | None = column("When somebody else decided; null until then.", LISTED)
    decided_by: UserRef | None = belongs_to(
        user_by_id, "Who decided; never who proposed it.", FILTER
    )
    evidence: EvidenceItemRef | None = belongs_to(
        evidence_item_by_id, "The evidence.", CREATE | FILTER
    )
    clause: ClauseRef | None = belongs_to(
        clause_by_id, "The clause.", CREATE | FILTER, note="It is in use."
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.LINK)
    viewer_can_confirm: bool = viewer_can_on(
        policy.JUDGE,
        policy.is_confirmable,
        "confirm it: somebody else proposed it, and the evidence is not withdrawn",
    )
    viewer_can_reject: bool = viewer_can_on(
        policy.JUDGE, policy.is_rejectable, "reject it: somebody else proposed it"
    )
