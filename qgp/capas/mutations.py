"""Mutations of CAPAs and root cause analyses."""

import strawberry

from qgp.capas import policy, workflow
from qgp.capas.commands import analyses, capas, sources
from qgp.capas.loaders import capa_by_id, cause_node_by_id
from qgp.capas.types import Capa, CauseNode, RootCauseAnalysis
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import (
    OPTIONAL_REASON,
    Input,
    Offer,
    bulk,
    command,
    command_input,
    create,
    input_field,
    mutations_of,
    update,
)


class CapaCreateFields:
    """Input fields of a new CAPA beside those of its type."""

    finding_ids: list[strawberry.ID] = input_field(
        "Source findings, none VOID; at most 50.", id_of="fnd", default_factory=list
    )


class CapaUpdateFields:
    """Input fields of a changed CAPA beside those of its type."""

    reason: str | None = input_field(
        "Reason for the change, kept in the audit trail; 1 to 2000 characters. Required with "
        "`dueOn` after `capaOpen`.",
        most=2000,
        default=None,
    )


_FINDING = Input("finding_id", "Source finding.", id_of="fnd")
_OTHER = {
    "finding": Offer(
        "The source finding; null on refusal.", record=finding_by_id, names="finding_id"
    )
}

capa_create = create(
    Capa,
    policy.CREATE,
    capas.create,
    description="Creates a CAPA as DRAFT.",
    more=CapaCreateFields,
)
capa_update = update(
    Capa,
    policy.UPDATE,
    capas.change,
    description="Changes a CAPA that is not CLOSED or CANCELLED. Some fields are fixed from a "
    "certain status on.",
    more=CapaUpdateFields,
)
capas_assign = bulk(
    command(
        capas.assign,
        input=command_input(Input("owner_id", "New owner.", id_of="usr"), OPTIONAL_REASON),
        permission=policy.UPDATE,
        result=capa_by_id,
        description="Assigns a CAPA to another owner.",
    ),
    shared=("owner_id", "reason"),
    description="Assigns up to 100 CAPAs that have not ended to one user, as `capaUpdate` does; "
    "each succeeds or fails on its own.",
)
capa_link_finding = command(
    sources.link_finding,
    input=command_input(_FINDING),
    permission=policy.UPDATE,
    result=capa_by_id,
    description="Links a source finding, not VOID, to a CAPA before its submission for "
    "verification, a MAJOR nonconformity before the release of its plan; at most 50.",
    offers=_OTHER,
)
capa_unlink_finding = command(
    sources.unlink_finding,
    input=command_input(
        _FINDING,
        Input(
            "reason",
            "Reason, kept in the audit trail; 1 to 2000 characters. Required for an issued MAJOR "
            "nonconformity.",
            max_length=2000,
            required=False,
        ),
    ),
    permission=policy.UPDATE,
    result=capa_by_id,
    description="Unlinks a source finding from a CAPA that has not ended. After `capaOpen`, the "
    "last source requires a `sourceJustification`, a CLOSED nonconformity stays linked, and only "
    "quality unlinks an issued MAJOR, with a `reason` and not as owner of either.",
    offers=_OTHER,
)
capa_transitions = mutations_of(workflow.CAPA)
root_cause_analysis_create = create(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.create,
    description="Creates a root cause analysis, as DRAFT, in the current round of a CAPA that has "
    "not ended.",
)
root_cause_analysis_update = update(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.change,
    description="Changes method or confidence of a DRAFT root cause analysis.",
)
root_cause_analysis_transitions = mutations_of(workflow.ANALYSIS)
cause_node_create = create(
    CauseNode,
    policy.UPDATE,
    analyses.add_node,
    description="Adds a node to the cause tree of a DRAFT root cause analysis; at most 500.",
)
cause_node_update = update(
    CauseNode,
    policy.UPDATE,
    analyses.change_node,
    description="Changes a node in the cause tree of a DRAFT root cause analysis, or moves its "
    "subtree.",
)
cause_node_delete = command(
    analyses.delete_node,
    permission=policy.UPDATE,
    result=cause_node_by_id,
    description="Deletes a node without children from the cause tree of a DRAFT root cause "
    "analysis.",
    deletes=True,
)
