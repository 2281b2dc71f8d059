"""Writing CAPAs down, leading them to their end, and looking for causes."""

import strawberry

from qgp.capas import policy, workflow
from qgp.capas.commands import analyses, capas
from qgp.capas.loaders import analysis_by_id, capa_by_id, cause_node_by_id
from qgp.capas.types import Capa, CauseNode, RootCauseAnalysis
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import (
    Beside,
    command,
    create,
    given,
    key_field,
    mutations_of,
    step,
    update,
    version_field,
)


class CapaCreateFields:
    """Fields of a new record beside those of its type."""

    finding_ids: list[strawberry.ID] = given(
        "The findings behind it; at most 50.", id_of="fnd", default_factory=list
    )


class CapaUpdateFields:
    """Fields of a change beside those of the type."""

    reason: str | None = given("Why, for the trail.", most=2000, default=None)


@strawberry.input(description="A finding to link to a CAPA as its source.")
class CapaLinkFindingInput:
    """A finding to link."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding behind it.", id_of="fnd")
    idempotency_key: str | None = key_field()


@strawberry.input(description="A finding that is not behind a CAPA after all.")
class CapaUnlinkFindingInput:
    """A finding to unlink."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding that is linked.", id_of="fnd")
    idempotency_key: str | None = key_field()


capa_create = create(
    Capa,
    policy.CREATE,
    capas.create,
    returns=capa_by_id,
    description="Write a CAPA down, as a draft.",
    more=CapaCreateFields,
)
capa_update = update(
    Capa,
    policy.UPDATE,
    capas.change,
    returns=capa_by_id,
    description="Change a CAPA that is not CLOSED or CANCELLED, as far as its state allows.",
    more=CapaUpdateFields,
)
capa_link_finding = command(
    capas.link_finding,
    takes=CapaLinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is behind a CAPA.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_unlink_finding = command(
    capas.unlink_finding,
    takes=CapaUnlinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is not behind a CAPA after all.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_transitions = mutations_of(workflow.CAPA, capa_by_id)
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
root_cause_analysis_transitions = mutations_of(workflow.ANALYSIS, analysis_by_id)
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
