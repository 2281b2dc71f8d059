"""Commands that the users of the demo run, by the name of their mutation."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qgp.accounts.commands import invitations
from qgp.actions import policy as action
from qgp.actions import service
from qgp.actions import service as actions
from qgp.actions.workflow import ACTION
from qgp.attachments import policy as attachment
from qgp.attachments.commands import attachments
from qgp.audits import policy as audit
from qgp.audits.commands import audits, responses, samples, team_members
from qgp.audits.workflow import AUDIT
from qgp.capas import policy as capa
from qgp.capas.commands import analyses, capas
from qgp.capas.workflow import ANALYSIS, CAPA
from qgp.comments import policy as comment
from qgp.comments import service as comments
from qgp.delegations import policy as delegation
from qgp.delegations import service as delegations
from qgp.evidence import policy as proof
from qgp.evidence import service as evidence
from qgp.evidence.workflow import LINK
from qgp.findings import policy as finding
from qgp.findings.commands import findings, grading
from qgp.findings.workflow import FINDING
from qgp.kit import editing
from qgp.kit.policy import Permission
from qgp.kit.transition_commands import TransitionCommand
from qgp.processes import policy as process
from qgp.processes.model import Process
from qgp.programmes import policy as programme
from qgp.programmes.commands import audit_assignment, items, programmes
from qgp.programmes.workflow import PROGRAMME
from qgp.standards import policy as standard
from qgp.standards.commands import assessments, standards
from qgp.standards.workflow import MAPPING, STANDARD
from qgp.templates import policy as template
from qgp.templates.commands import questions, sections, templates
from qgp.templates.model import AuditTemplate
from qgp.templates.workflow import VERSION
from qgp.users import policy as user
from qgp.users.workflow import USER


@dataclass(frozen=True)
class DemoCommand:
    """A command and the permission that it requires."""

    run: Callable[..., Awaitable[Any]]
    permission: Permission


WORKFLOWS = (
    USER,
    STANDARD,
    MAPPING,
    VERSION,
    PROGRAMME,
    AUDIT,
    FINDING,
    CAPA,
    ANALYSIS,
    ACTION,
    LINK,
)


def _transitions() -> Mapping[str, DemoCommand]:
    """Return a command for each transition of each workflow."""
    return {
        transition.name: DemoCommand(
            TransitionCommand(workflow, transition.name), transition.permission
        )
        for workflow in WORKFLOWS
        for transition in workflow.transitions.values()
        if transition.has_mutation
    }


COMMANDS: Mapping[str, DemoCommand] = {
    **_transitions(),
    "userInvite": DemoCommand(invitations.invite, user.MANAGE),
    "delegationCreate": DemoCommand(delegations.create, delegation.MANAGE),
    "standardAdopt": DemoCommand(standards.adopt, standard.MANAGE),
    "standardCreate": DemoCommand(standards.create, standard.MANAGE),
    "clauseAssess": DemoCommand(assessments.assess, standard.ASSESS),
    "processCreate": DemoCommand(editing.create(Process), process.MANAGE),
    "auditTemplateCreate": DemoCommand(editing.create(AuditTemplate), template.WRITE),
    "templateVersionDraft": DemoCommand(templates.draft, template.WRITE),
    "templateVersionUpdate": DemoCommand(templates.change_version, template.WRITE),
    "sectionCreate": DemoCommand(sections.create, template.WRITE),
    "questionCreate": DemoCommand(questions.create, template.WRITE),
    "auditProgrammeCreate": DemoCommand(programmes.create, programme.CREATE),
    "programmeItemCreate": DemoCommand(items.add, programme.UPDATE),
    "programmeItemDrop": DemoCommand(items.drop, programme.UPDATE),
    "programmeItemLinkAudit": DemoCommand(audit_assignment.link_audit, programme.PLAN),
    "auditCreate": DemoCommand(audits.create, audit.CREATE),
    "auditUpdate": DemoCommand(audits.change, audit.UPDATE),
    "auditTeamMemberAdd": DemoCommand(team_members.add, audit.UPDATE),
    "auditResponsesRecord": DemoCommand(responses.record, audit.RECORD_RESPONSES),
    "auditResponseJustifyNoFinding": DemoCommand(
        responses.justify_no_finding, audit.RECORD_RESPONSES
    ),
    "sampleSetCreate": DemoCommand(samples.create, audit.RECORD_RESPONSES),
    "sampleItemRecord": DemoCommand(samples.record, audit.RECORD_RESPONSES),
    "findingCreate": DemoCommand(findings.create, finding.CREATE),
    "findingUpdate": DemoCommand(findings.change, finding.UPDATE),
    "findingRequestVoid": DemoCommand(grading.request_void, finding.REQUEST),
    "findingRequestConcession": DemoCommand(grading.request_concession, finding.REQUEST),
    "capaCreate": DemoCommand(capas.create, capa.CREATE),
    "capaUpdate": DemoCommand(capas.change, capa.UPDATE),
    "rootCauseAnalysisCreate": DemoCommand(analyses.create, capa.UPDATE),
    "causeNodeCreate": DemoCommand(analyses.add_node, capa.UPDATE),
    "actionCreate": DemoCommand(actions.create, action.CREATE),
    "actionReportProgress": DemoCommand(actions.report_progress, action.WORK),
    "actionReassign": DemoCommand(actions.reassign, action.MANAGE),
    "actionReschedule": DemoCommand(actions.reschedule, action.MANAGE),
    "actionDependencyAdd": DemoCommand(service.add_dependency, action.MANAGE),
    "evidenceItemCreate": DemoCommand(evidence.create, proof.CREATE),
    "evidenceItemWithdraw": DemoCommand(evidence.withdraw, proof.WITHDRAW),
    "evidenceLinkCreate": DemoCommand(evidence.propose_link, proof.PROPOSE),
    "commentCreate": DemoCommand(comments.create, comment.CREATE),
    "fileUploadCreate": DemoCommand(attachments.create_upload, attachment.CREATE),
}
