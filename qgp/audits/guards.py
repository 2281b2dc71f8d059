"""Guards of the audit workflow that read other rows than the audit."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from qgp.audits.facts import checklists, related
from qgp.audits.facts.checklists import AuditChecklist, checklist_of_audit
from qgp.audits.model import Audit, AuditResponse, AuditTeamMember, SampleItem
from qgp.kit import ids
from qgp.kit.transitions import GuardContext, Missing, filled, guard

if TYPE_CHECKING:
    from qgp.templates.model import Question

MOST_TOLD = 10
_SHORT = 80

dated = filled("DATES", "planned_start_on", "planned_end_on")

led = filled("LEAD", "lead_auditor_id")

scoped = filled("SCOPE", "scope")

concluded = filled("CONCLUSION", "conclusion")


@guard("CLAUSE_OR_TEMPLATE")
async def has_subject(facts: GuardContext, audit: Audit) -> str | None:
    """The audit criteria are set: a clause or a template version."""
    if audit.template_version_id or await facts.load(related.clauses, audit.id):
        return None
    return (
        "The audit has no criteria: neither a clause nor a template version. Set one of them "
        "(auditUpdate with clauseIds or templateVersionId)."
    )


@guard("TEAM_IMPARTIAL")
async def is_impartial(facts: GuardContext, audit: Audit) -> Missing:
    """No member of the audit team audits their own work (ISO 9001:2015, 9.2.2 c)."""
    return [
        (
            f"{member.name} {bond(owns=member.owns_process)}. The audit team is impartial "
            "(ISO 9001:2015, 9.2.2 c). Choose another member or process owner, or let an "
            "administrator record a reason (auditTeamMemberOverrideConflict).",
            ids.encode(AuditTeamMember.prefix, member.member_id),
        )
        for member in await facts.load(related.members_with_ties, audit.id)
    ]


def bond(*, owns: bool) -> str:
    """Return the predicate that names a member's tie to the subject of the audit."""
    return "owns the audited process" if owns else "belongs to the audited department"


@guard("TEAM_COMPETENT")
async def is_competent(facts: GuardContext, audit: Audit) -> str | Missing:
    """The roles of the team members allow their part in the audit (ISO 9001:2015, 7.2)."""
    if audit.lead_auditor_id is None:
        return (
            "The audit has no lead auditor. An audit team has one; name it (auditUpdate with "
            "leadAuditorId)."
        )
    return [
        (
            f"{member.name} is {member.role.value} in the organization, which does not "
            f"qualify them as {member.team_role.value} of an audit team (ISO 9001:2015, 7.2). "
            "Choose another member, or change their role.",
            ids.encode(AuditTeamMember.prefix, member.member_id),
        )
        for member in await facts.load(related.unqualified_members, audit.id)
    ]


@guard("REQUIRED_ANSWERED")
async def is_answered(facts: GuardContext, audit: Audit) -> Missing:
    """Each required question has a response."""
    filled: AuditChecklist = await facts.load(checklist_of_audit, audit.id)
    return _first(
        (
            f"{_quoted(question, place[1])} has no response. It is required; respond, with "
            "isNa if it is not applicable (auditResponsesRecord).",
            question.public_id,
        )
        for question, place in filled.unanswered
        if question.is_required
    )


@guard("SAMPLES_RECORDED")
async def is_sampled(facts: GuardContext, audit: Audit) -> Missing:
    """Each item of a sample set has a result (ISO 19011:2018, A.6)."""
    return _first(
        (
            f"Item {position} of the sample “{_shortened(population)}” has no result. Each item "
            "requires one; record it (sampleItemRecord), as UNAVAILABLE if it could not be "
            "examined.",
            ids.encode(SampleItem.prefix, item_id),
        )
        for item_id, position, population in await facts.load(related.unrecorded_items, audit.id)
    )


@guard("ON_FAIL_ACTIONS_DONE")
async def is_followed_up(facts: GuardContext, audit: Audit) -> Missing:
    """Each failing response has what its question asks for: comment, photo, finding, action."""
    filled: AuditChecklist = await facts.load(checklist_of_audit, audit.id)
    if not filled.failing:
        return []
    findings = await facts.load(related.findings, audit.id)
    acted_on = {id for (id,) in await facts.load(related.responses_acted_on, audit.id)}
    unfound = {response.id for _, response in checklists.missing_findings(filled, findings)}
    seen = {id for (id,) in await facts.load(related.responses_with_photo, audit.id)}
    return _first(
        (f"{_quoted(question, response.repeat_index)} fails. {missing}", response.public_id)
        for question, response in filled.failing
        if (
            missing := _missing(
                filled,
                question,
                response,
                has_photo=response.id in seen,
                has_finding=response.id not in unfound,
                has_action=response.id in acted_on,
            )
        )
    )


def _missing(
    filled: AuditChecklist,
    question: "Question",
    response: AuditResponse,
    *,
    has_photo: bool,
    has_finding: bool,
    has_action: bool,
) -> str | None:
    """Return the first thing that a failing response lacks, as a sentence; None if complete."""
    version = filled.version
    if version and version.is_comment_required_on_fail and not response.comment:
        return (
            "The template version requires a comment. Add one (auditResponsesRecord with comment)."
        )
    if version and version.is_photo_required_on_fail and not has_photo:
        return (
            "The template version requires a photo. Attach an image to this response "
            "(fileUploadCreate with its id as subjectId)."
        )
    if not has_finding:
        least = checklists.grade_of(question).value
        return (
            f"The question requires a finding with source AUDIT or CERT_AUDIT, graded {least} "
            "or heavier. Draft it (auditFindingsDraft), or create one that names this "
            "response (findingCreate with responseId)."
        )
    if question.is_action_required_on_fail and not has_action:
        return (
            "The question requires an action. Create one for a finding that names this response "
            "(actionCreate)."
        )
    return None


@guard("FAILURES_EXPLAINED")
async def is_explained(facts: GuardContext, audit: Audit) -> Missing:
    """Each failing response has a finding, or the reason why it has none."""
    filled: AuditChecklist = await facts.load(checklist_of_audit, audit.id)
    if not filled.failing:
        return []
    findings = {row.response_id for row in await facts.load(related.findings, audit.id)}
    return _first(
        (
            f"{_quoted(question, response.repeat_index)} fails and has neither a finding nor "
            "a reason for having none. Create a finding (findingCreate with responseId), or "
            "give the reason (auditResponseJustifyNoFinding).",
            response.public_id,
        )
        for question, response in filled.failing
        if response.id not in findings and not response.no_finding_reason
    )


@guard("REVIEWER_DIFFERS", is_denial=True)
async def has_other_eyes(facts: GuardContext, audit: Audit) -> str | None:
    """Segregation of duties: the reviewer took no part in the audit (ISO 19011:2018, 4 e)."""
    taken = {user_id for (user_id,) in await facts.load(related.participants, audit.id)}
    if facts.caller.user_id not in taken:
        return None
    return (
        "You took part in this audit. Its reviewer takes no part in it (ISO 19011:2018, 4 e); let "
        "another person review it."
    )


@guard("AUTHOR_SIGNED")
async def is_signed_by_author(facts: GuardContext, audit: Audit) -> str | None:
    """The lead auditor's signature (AUTHORED) is VALID and seals each finding of the audit."""
    signed = [
        row.findings
        for row in await facts.load(related.authorships, audit.id)
        if row.signer_id == audit.lead_auditor_id
    ]
    findings = {str(row.id) for row in await facts.load(related.findings, audit.id)}
    if any(sealed is None or findings <= sealed.keys() for sealed in signed):
        return None
    return (
        f"{audit.reference} has no valid signature of its lead auditor: content of the report, or "
        "of a finding, was changed or added since they signed. Ask the lead auditor to sign it as "
        "it is now (recordSign with the meaning AUTHORED), or return it (auditReturn)."
    )


@guard("FINDINGS_COMPLETE")
async def is_issuable(facts: GuardContext, audit: Audit) -> Missing:
    """Each draft finding of the audit is complete enough to be opened."""
    missing: list[tuple[str, str]] = []
    drafts = [finding for (finding,) in await facts.load(related.findings_drafted, audit.id)]
    option_lists = await asyncio.gather(*[draft.workflow.options(facts, draft) for draft in drafts])
    for finding, options in zip(drafts, option_lists, strict=True):
        (opening,) = [o for o in options if o.transition.name == related.OPENS_FINDING]
        missing += [
            (f"{finding.reference}: {blocker.message}", finding.public_id)
            for blocker in opening.blockers
            if blocker.code != "FORBIDDEN"
        ]
    return missing[:MOST_TOLD]


@guard("FINDINGS_DRAFT")
async def has_no_drafts(facts: GuardContext, audit: Audit) -> Missing:
    """No finding of the audit is a DRAFT, which only its report would open."""
    return _first(
        (
            f"{finding.reference} is a DRAFT, and a cancelled audit issues no report. Open it "
            "(findingOpen) or void it (findingVoid) first.",
            finding.public_id,
        )
        for (finding,) in await facts.load(related.findings_drafted, audit.id)
    )


@guard("FINDINGS_TERMINAL")
async def has_ended(facts: GuardContext, audit: Audit) -> Missing:
    """Each finding of the audit is CLOSED, ACCEPTED in the term of its concession, or VOID."""
    expired = "{} is ACCEPTED, and its concession has ended. Revoke it (findingRevokeConcession)."
    return _first(
        (
            expired.format(finding.reference)
            if finding.is_expired
            else f"{finding.reference} is {finding.status.value}. Each finding is CLOSED, ACCEPTED "
            "or VOID before the audit is closed; close it (findingClose) or grant a "
            "concession (findingGrantConcession).",
            ids.encode(finding.prefix, finding.id),
        )
        for finding in await facts.load(related.findings_going_on, audit.id)
    )


def _first(blockers: Iterable[tuple[str, str]]) -> Missing:
    return list(blockers)[:MOST_TOLD]


def _quoted(question: "Question", run: int) -> str:
    short = _shortened(question.text)
    return f"“{short}”" if run == 0 else f"“{short}” (repetition {run + 1})"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
