"""Mutations of evidence and its links to clauses."""

import strawberry

from qgp.evidence import model, policy, service, workflow
from qgp.evidence.loaders import evidence_item_by_id
from qgp.evidence.types import EvidenceItem, EvidenceLink
from qgp.kit.gql import REASON, command, command_input, create, input_field, mutations_of, update


class EvidenceItemCreateFields:
    """Input fields of new evidence beside those of its type."""

    subject_id: strawberry.ID = input_field(
        "Subject of the evidence: a record with `evidence`.", about=model.EvidenceItem
    )
    record_id: strawberry.ID | None = input_field(
        "Record that a RECORD consists of, other than the subject; null for another kind.",
        about=model.EvidenceItem,
        default=None,
    )


evidence_item_create = create(
    EvidenceItem,
    policy.CREATE,
    service.create,
    description="Collects objective evidence about a record that is visible to you.",
    more=EvidenceItemCreateFields,
)
evidence_item_update = update(
    EvidenceItem,
    policy.UPDATE,
    service.update,
    description="Changes the description of evidence that is not withdrawn. The caller must be "
    "its collector or have a quality role.",
)
evidence_item_withdraw = command(
    service.withdraw,
    input=command_input(REASON),
    permission=policy.WITHDRAW,
    result=evidence_item_by_id,
    description="Withdraws evidence; the record stays with the reason. The caller must be its "
    "collector or have a quality role. Refused for the last evidence that a closed finding or "
    "CAPA requires.",
)
evidence_link_create = create(
    EvidenceLink,
    policy.PROPOSE,
    service.propose_link,
    description="Proposes that evidence supports or contradicts a clause. Requires evidence that "
    "is not withdrawn and a clause in use; another user confirms or rejects the link.",
)
evidence_link_transitions = mutations_of(workflow.LINK)
