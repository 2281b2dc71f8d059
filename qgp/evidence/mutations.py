"""Collecting evidence, and deciding what it says about clauses."""

from qgp.evidence import links, policy, service
from qgp.evidence.inputs import (
    EvidenceItemCreateInput,
    EvidenceItemUpdateInput,
    EvidenceItemWithdrawInput,
    EvidenceLinkCreateInput,
)
from qgp.evidence.loaders import evidence_item_by_id, evidence_link_by_id
from qgp.kit.gql import command, step

evidence_item_create = command(
    service.create,
    takes=EvidenceItemCreateInput,
    may=policy.CREATE,
    returns=evidence_item_by_id,
    description="Collect evidence about a record that you see.",
    creates=True,
)
evidence_item_update = command(
    service.update,
    takes=EvidenceItemUpdateInput,
    may=policy.UPDATE,
    returns=evidence_item_by_id,
    description="Describe evidence better that you collected, or any if you run quality.",
)
evidence_item_withdraw = command(
    service.withdraw,
    takes=EvidenceItemWithdrawInput,
    may=policy.WITHDRAW,
    returns=evidence_item_by_id,
    description="Let evidence count no more; it stays, with the reason. The last that proves a "
    "closed finding or CAPA cannot be withdrawn.",
)
evidence_link_create = command(
    links.create,
    takes=EvidenceLinkCreateInput,
    may=policy.PROPOSE,
    returns=evidence_link_by_id,
    description="Say that evidence speaks for or against a clause; somebody else confirms it.",
    creates=True,
)
evidence_link_confirm = command(
    links.confirm,
    takes=step("evl"),
    may=policy.JUDGE,
    returns=evidence_link_by_id,
    description="Agree with what somebody else proposed.",
)
evidence_link_reject = command(
    links.reject,
    takes=step("evl", explained=True),
    may=policy.JUDGE,
    returns=evidence_link_by_id,
    description="Disagree with what somebody else proposed.",
)
