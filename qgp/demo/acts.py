"""What people of the demo do: each act is the command behind the mutation of its name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qgp.actions import policy as action
from qgp.actions import service as actions
from qgp.actions import waiting
from qgp.attachments import policy as attachment
from qgp.attachments import service as attachments
from qgp.audits import answering, members, samples
from qgp.audits import policy as audit
from qgp.audits import progress as auditing
from qgp.audits import service as audits
from qgp.capas import analyses
from qgp.capas import policy as capa
from qgp.capas import progress as correcting
from qgp.capas import service as capas
from qgp.comments import policy as comment
from qgp.comments import service as comments
from qgp.evidence import links
from qgp.evidence import policy as proof
from qgp.evidence import service as evidence
from qgp.findings import policy as finding
from qgp.findings import progress as finding_steps
from qgp.findings import service as findings
from qgp.findings.model import CauseCategory
from qgp.kit import editing
from qgp.kit.policy import Permission
from qgp.processes import policy as process
from qgp.processes.model import Process
from qgp.programmes import carrying, items
from qgp.programmes import policy as programme
from qgp.programmes import service as programmes
from qgp.signatures import service as _  # noqa: F401  # writes down who signed
from qgp.standards import policy as standard
from qgp.standards import service as standards
from qgp.templates import policy as template
from qgp.templates import progress as publishing
from qgp.templates import questions, sections
from qgp.templates import service as templates
from qgp.users import policy as user
from qgp.users import service as users


@dataclass(frozen=True)
class Act:
    """A command and the right to it."""

    run: Callable[..., Awaitable[Any]]
    may: Permission


ACTS: Mapping[str, Act] = {
    "userInvite": Act(users.invite, user.MANAGE),
    "userInvitationWithdraw": Act(users.withdraw, user.MANAGE),
    "userSuspend": Act(users.suspend, user.MANAGE),
    "standardAdopt": Act(standards.adopt, standard.MANAGE),
    "standardCreate": Act(standards.create, standard.MANAGE),
    "standardActivate": Act(standards.activate, standard.MANAGE),
    "standardSupersede": Act(standards.supersede, standard.MANAGE),
    "standardWithdraw": Act(standards.withdraw, standard.MANAGE),
    "clauseMappingConfirm": Act(standards.confirm_mapping, standard.MANAGE),
    "clauseMappingReject": Act(standards.reject_mapping, standard.MANAGE),
    "clauseAssess": Act(standards.assess, standard.ASSESS),
    "processCreate": Act(editing.create(Process), process.MANAGE),
    "causeCategoryCreate": Act(editing.create(CauseCategory), finding.MANAGE_CAUSES),
    "auditTemplateCreate": Act(templates.create, template.WRITE),
    "templateVersionDraft": Act(templates.draft, template.WRITE),
    "templateVersionUpdate": Act(templates.change_version, template.WRITE),
    "sectionCreate": Act(sections.create, template.WRITE),
    "questionCreate": Act(questions.create, template.WRITE),
    "templateVersionSubmit": Act(publishing.submit, template.WRITE),
    "templateVersionPublish": Act(publishing.publish, template.PUBLISH),
    "auditProgrammeCreate": Act(programmes.create, programme.CREATE),
    "auditProgrammeApprove": Act(programmes.approve, programme.APPROVE),
    "auditProgrammeStart": Act(programmes.start, programme.MOVE),
    "auditProgrammeClose": Act(programmes.close, programme.MOVE),
    "programmeItemCreate": Act(items.add, programme.UPDATE),
    "programmeItemDrop": Act(items.drop, programme.UPDATE),
    "programmeItemLinkAudit": Act(carrying.link_audit, programme.PLAN),
    "auditCreate": Act(audits.create, audit.CREATE),
    "auditUpdate": Act(audits.change, audit.UPDATE),
    "auditTeamMemberAdd": Act(members.add, audit.UPDATE),
    "auditSchedule": Act(auditing.schedule, audit.SCHEDULE),
    "auditStart": Act(auditing.start, audit.MOVE),
    "auditRespond": Act(answering.respond, audit.RESPOND),
    "auditResponseExplain": Act(answering.explain, audit.RESPOND),
    "sampleSetCreate": Act(samples.create, audit.RESPOND),
    "sampleItemRecord": Act(samples.record, audit.RESPOND),
    "auditCompleteFieldwork": Act(auditing.complete_fieldwork, audit.MOVE),
    "auditSubmit": Act(auditing.submit, audit.MOVE),
    "auditReport": Act(auditing.report, audit.REVIEW),
    "auditReturn": Act(auditing.send_back, audit.REVIEW),
    "auditClose": Act(auditing.close, audit.MOVE),
    "auditCancel": Act(auditing.cancel, audit.DECIDE),
    "findingCreate": Act(findings.create, finding.CREATE),
    "findingUpdate": Act(findings.change, finding.UPDATE),
    "findingOpen": Act(finding_steps.open, finding.MOVE),
    "findingContain": Act(finding_steps.contain, finding.MOVE),
    "findingAnalyze": Act(finding_steps.analyze, finding.MOVE),
    "findingAct": Act(finding_steps.act, finding.MOVE),
    "findingVerify": Act(finding_steps.verify, finding.MOVE),
    "findingClose": Act(finding_steps.close, finding.VERIFY),
    "findingReject": Act(finding_steps.reject, finding.VERIFY),
    "findingAccept": Act(finding_steps.accept, finding.DECIDE),
    "findingVoid": Act(finding_steps.void, finding.DECIDE),
    "findingReopen": Act(finding_steps.reopen, finding.DECIDE),
    "capaCreate": Act(capas.create, capa.CREATE),
    "capaUpdate": Act(capas.change, capa.UPDATE),
    "capaOpen": Act(correcting.open, capa.UPDATE),
    "capaAnalyze": Act(correcting.analyze, capa.MOVE),
    "capaPlan": Act(correcting.plan, capa.MOVE),
    "capaImplement": Act(correcting.implement, capa.MOVE),
    "capaVerify": Act(correcting.verify, capa.MOVE),
    "capaCheckEffectiveness": Act(correcting.check_effectiveness, capa.DECIDE),
    "capaClose": Act(correcting.close, capa.DECIDE),
    "capaFail": Act(correcting.fail, capa.DECIDE),
    "capaCancel": Act(correcting.cancel, capa.DECIDE),
    "capaReopen": Act(correcting.reopen, capa.DECIDE),
    "rootCauseAnalysisCreate": Act(analyses.create, capa.UPDATE),
    "rootCauseAnalysisComplete": Act(analyses.complete, capa.UPDATE),
    "causeNodeCreate": Act(analyses.add_node, capa.UPDATE),
    "actionCreate": Act(actions.create, action.CREATE),
    "actionReport": Act(actions.report, action.WORK),
    "actionStart": Act(actions.start, action.WORK),
    "actionBlock": Act(actions.block, action.WORK),
    "actionUnblock": Act(actions.unblock, action.WORK),
    "actionComplete": Act(actions.complete, action.WORK),
    "actionVerify": Act(actions.verify, action.VERIFY),
    "actionReject": Act(actions.reject, action.VERIFY),
    "actionCancel": Act(actions.cancel, action.MANAGE),
    "actionReassign": Act(actions.reassign, action.MANAGE),
    "actionReschedule": Act(actions.reschedule, action.MANAGE),
    "actionDependencyAdd": Act(waiting.wait_for, action.MANAGE),
    "evidenceItemCreate": Act(evidence.create, proof.CREATE),
    "evidenceItemWithdraw": Act(evidence.withdraw, proof.WITHDRAW),
    "evidenceLinkCreate": Act(links.create, proof.PROPOSE),
    "evidenceLinkConfirm": Act(links.confirm, proof.JUDGE),
    "evidenceLinkReject": Act(links.reject, proof.JUDGE),
    "commentCreate": Act(comments.create, comment.CREATE),
    "fileUploadCreate": Act(attachments.promise, attachment.CREATE),
}
