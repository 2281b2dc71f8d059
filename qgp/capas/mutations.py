"""Writing CAPAs down, leading them to their end, and looking for causes."""

from qgp.capas import analyses, policy, progress, service
from qgp.capas.inputs import (
    CapaCloseInput,
    CapaCreateFields,
    CapaFailInput,
    CapaLinkFindingInput,
    CapaUnlinkFindingInput,
    CapaUpdateFields,
)
from qgp.capas.loaders import analysis_by_id, capa_by_id, cause_node_by_id
from qgp.capas.types import Capa, CauseNode, RootCauseAnalysis
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import Beside, command, create, step, update

capa_create = create(
    Capa,
    policy.CREATE,
    service.create,
    returns=capa_by_id,
    description="Write a CAPA down, as a draft.",
    more=CapaCreateFields,
)
capa_update = update(
    Capa,
    policy.UPDATE,
    service.change,
    returns=capa_by_id,
    description="Change a CAPA that is not CLOSED or CANCELLED, as far as its state allows.",
    more=CapaUpdateFields,
)
capa_link_finding = command(
    service.link_finding,
    takes=CapaLinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is behind a CAPA.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_unlink_finding = command(
    service.unlink_finding,
    takes=CapaUnlinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is not behind a CAPA after all.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_open = command(
    progress.open,
    takes=step("cap"),
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Issue a draft to its owner.",
)
capa_analyze = command(
    progress.analyze,
    takes=step("cap"),
    may=policy.MOVE,
    returns=capa_by_id,
    description="Begin to look for the cause.",
)
capa_plan = command(
    progress.plan,
    takes=step("cap"),
    may=policy.MOVE,
    returns=capa_by_id,
    description="Begin to plan actions, once the cause is known.",
)
capa_implement = command(
    progress.implement,
    takes=step("cap"),
    may=policy.MOVE,
    returns=capa_by_id,
    description="Have the plan carried out; for HIGH and CRITICAL, quality alone does.",
)
capa_verify = command(
    progress.verify,
    takes=step("cap"),
    may=policy.MOVE,
    returns=capa_by_id,
    description="Hand over to verification; this verifies nothing yet. What was planned is done; "
    "`capaCheckEffectiveness` confirms it.",
)
capa_check_effectiveness = command(
    progress.check_effectiveness,
    takes=step("cap"),
    may=policy.DECIDE,
    returns=capa_by_id,
    description="Confirm that what was planned is done; its window of effectiveness begins. "
    "Neither the owner of the CAPA nor of one of its actions may.",
)
capa_close = command(
    progress.close,
    takes=CapaCloseInput,
    may=policy.DECIDE,
    returns=capa_by_id,
    description="Say that it worked, once its window has ended. It needs a `signature` "
    "(VERIFIED) where a MAJOR finding is behind it, whatever its priority, and none elsewhere.",
)
capa_fail = command(
    progress.fail,
    takes=CapaFailInput,
    may=policy.DECIDE,
    returns=capa_by_id,
    description="Say that it did not work: the cause is looked for again, in another round.",
)
capa_cancel = command(
    progress.cancel,
    takes=step("cap", explained=True),
    may=policy.DECIDE,
    returns=capa_by_id,
    description="Give a CAPA up; not while a MAJOR source is open.",
)
capa_reopen = command(
    progress.reopen,
    takes=step("cap", explained=True),
    may=policy.DECIDE,
    returns=capa_by_id,
    description="Take a closed CAPA up again, in another round.",
)
root_cause_analysis_create = create(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.create,
    returns=analysis_by_id,
    description="Begin a search for the root causes behind a CAPA.",
)
root_cause_analysis_update = update(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.change,
    returns=analysis_by_id,
    description="Change how an analysis is made, while it is a draft.",
)
root_cause_analysis_complete = command(
    analyses.complete,
    takes=step("rca"),
    may=policy.UPDATE,
    returns=analysis_by_id,
    description="Settle an analysis that has a root cause; its causes stay as they are.",
)
cause_node_create = create(
    CauseNode,
    policy.UPDATE,
    analyses.add_node,
    returns=cause_node_by_id,
    description="Add a cause to the tree of a draft.",
)
cause_node_update = update(
    CauseNode,
    policy.UPDATE,
    analyses.change_node,
    returns=cause_node_by_id,
    description="Change a cause of a draft, or move it with what lies below.",
)
cause_node_delete = command(
    analyses.delete_node,
    takes=step("cno"),
    may=policy.UPDATE,
    returns=cause_node_by_id,
    description="Take a cause out of the tree of a draft; nothing may lie below it.",
    deletes=True,
)
