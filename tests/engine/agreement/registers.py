"""Rows of the registers: findings, CAPAs, actions, evidence, comments and attachments."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from qgp.actions.model import Action, ActionKind, ActionPriority, ActionStatus
from qgp.attachments.model import AttachmentStatus
from qgp.audits.model import Audit
from qgp.capas.model import Capa, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import (
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.comments.model import Comment, CommentVisibility
from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceItem,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.findings.model import (
    CauseCategory,
    Finding,
    FindingDisposition,
    FindingSource,
    FindingStatus,
)
from qgp.kit import clock
from qgp.kit.model import Record
from qgp.kit.shared_terms import FindingGrade
from qgp.notifications.model import NotificationKind
from qgp.webhooks.model import (
    WebhookDeliveryStatus,
    WebhookDisabledReason,
    WebhookEndpointStatus,
)
from tests import factories
from tests.engine.agreement import audit_rows
from tests.engine.agreement.adding import Adding, pick

DAY = date(2026, 2, 27)
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
Facts = dict[str, Any]


async def add(adding: Adding) -> None:
    """Add rows to each register."""
    await audit_rows.add(adding)
    await _findings(adding)
    await _capas(adding)
    await _actions(adding)
    await _evidence(adding)
    await _comments(adding)
    await _webhooks(adding)
    await adding.many(6, lambda n: factories.delegation(
        adding.person(n), adding.person(n + 1), reason=pick((None, adding.text()), n)))  # fmt: skip
    await adding.many(4, lambda n: factories.reminder_rule(
        f"Kind{n}.dueOn", remind_days=[*range(-n, n)], escalate_after_days=n or None))  # fmt: skip
    await _notifications(adding)
    adding.work.session.add_all(
        factories.watch(adding.person(number % 3), adding.one(Finding, number))
        for number in range(9)
    )
    await adding.work.flush()


async def _findings(adding: Adding) -> None:
    """Make findings in every state, with clauses."""
    await adding.many(28, lambda n: factories.finding(
        pick(FindingStatus, n), **_finding(adding, n)))  # fmt: skip
    await adding.add(
        factories.finding_clause(finding.id, clause, is_primary=place == 0)
        for number, finding in enumerate(adding.rows[Finding])
        for place, clause in enumerate(adding.clauses[: number % 4])
    )


def _finding(adding: Adding, number: int) -> Facts:
    facts: Facts = {"grade": pick(FindingGrade, number), "title": adding.text()}
    facts |= {"source_type": pick(FindingSource, number)}
    facts |= {"detected_on": DAY + timedelta(days=number % 5)}
    if number % 4 == 0:
        return facts
    names = ("statement", "evidence_text", "requirement_text", "root_cause", "closing_comment")
    contained = ("containment_text", "no_containment_reason")
    facts |= adding.texts(*names, pick(contained, number)) | adding.place(number)
    facts |= {"severity": 1 + number % 5, "is_systemic": number % 3 == 0}
    facts |= {"disposition": pick(FindingDisposition, number), "owner_id": adding.person(number)}
    facts |= {"detected_by_id": adding.person(number // 2), "opened_on": DAY}
    facts |= {"response_due_on": DAY + timedelta(30), "closure_due_on": DAY + timedelta(90)}
    facts |= {"cause_category_id": adding.one(CauseCategory, number).id}
    if number % 5 == 3:
        facts |= {"repeat_of_id": adding.of_world("nc"), "reopen_count": 2}
    return facts | ({"audit_id": adding.one(Audit, number).id} if number % 3 == 0 else {})


async def _capas(adding: Adding) -> None:
    """Make CAPAs in every state, with sources, rounds, and analyses of every method."""
    await adding.many(18, lambda n: factories.capa(
        pick(CapaStatus, n), owner_id=adding.person(n), **_capa(adding, n)))  # fmt: skip
    capas = adding.rows[Capa]
    await adding.add(
        factories.capa_finding(capa.id, adding.one(Finding, number + place).id)
        for number, capa in enumerate(capas)
        for place in range(number % 4)
    )
    await adding.add(
        factories.capa_round(capa.id, number=1 + place, note=adding.text())
        for number, capa in enumerate(capas)
        for place in range(number % 3)
    )
    await adding.many(14, lambda n: factories.root_cause_analysis(
        adding.one(Capa, n // 2).id, pick(AnalysisStatus, n), method=pick(AnalysisMethod, n),
        confidence=pick((None, *AnalysisConfidence), n),
    ))  # fmt: skip
    analyses = adding.rows[RootCauseAnalysis]
    await adding.add(factories.cause_node(one.id, text=adding.text()) for one in analyses)
    await adding.add(
        factories.cause_node(top.analysis_id, parent_id=top.id, **_cause(adding, n))
        for top in adding.rows[CauseNode][:8]
        for n in range(4)
    )


def _capa(adding: Adding, number: int) -> Facts:
    due = DAY + timedelta(days=365 + number % 4)
    facts: Facts = adding.texts("title", "problem_statement") | {"due_on": due}
    facts |= {"kind": pick(CapaKind, number), "priority": pick(CapaPriority, number)}
    if number % 4 == 0:
        return facts
    names = ("source_justification", "cause_known_reason", "root_cause_summary", "result_note")
    facts |= adding.texts("effectiveness_criteria", "waiver_reason", *names)
    facts |= adding.texts("risk_review_note", "document_change_note", "training_note")
    facts |= {"is_risk_review_required": True, "window_days": number, **adding.place(number)}
    facts |= {"effectiveness_metric": pick(EffectivenessMetric, number)}
    facts |= {"result": pick(CapaResult, number), "sponsor_id": adding.person(number + 1)}
    facts |= {"cause_category_id": adding.one(CauseCategory, number).id, "implemented_on": DAY}
    facts |= {"effectiveness_due_on": due, "verified_by_id": adding.person(number + 2)}
    return facts | ({"supplier_name": adding.text()} if number % 3 == 0 else {})


def _cause(adding: Adding, number: int) -> Facts:
    kind, category = pick(CauseNodeKind, number), pick((None, *CauseNodeCategory), number * 2)
    facts = {"is_root": number == 3, "position": number % 2}
    return {"text": adding.text(), "kind": kind, "category": category, **facts}


async def _actions(adding: Adding) -> None:
    """Make actions in every state, some of which wait for others or were postponed."""
    await adding.many(24, lambda n: factories.action(
        pick(ActionStatus, n), owner_id=adding.person(n), **_action(adding, n)))  # fmt: skip
    actions = adding.rows[Action]
    pairs = zip(actions[3::3], actions[::3], strict=False)
    await adding.add(factories.action_dependency(one.id, before.id) for one, before in pairs)
    await adding.add(
        factories.due_date_change(action.id, DAY + timedelta(days), reason=adding.text())
        for action in actions[::4]
        for days in (10, 20)
    )


def _action(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "due_on": DAY + timedelta(days=300 + number % 4)}
    facts |= {"kind": pick(ActionKind, number), "priority": pick(ActionPriority, number // 2)}
    facts |= {"position": number % 3, "progress": number}
    if number % 2:
        facts |= {"description": adding.text(), "is_verification_required": True}
    parents: tuple[Facts, ...] = (
        {},
        {"finding_id": adding.one(Finding, number).id},
        {"capa_id": adding.one(Capa, number).id},
        {"audit_id": adding.one(Audit, number).id},
    )
    return facts | pick(parents, number // 2)


def _subject(adding: Adding, number: int) -> Record:
    return adding.one(pick((Finding, Capa, Action, Audit), number), number // 4)


async def _evidence(adding: Adding) -> None:
    """Make evidence about records of each kind, with links to clauses, and attachments."""
    await adding.many(18, lambda n: factories.evidence_item(
        _subject(adding, n), is_withdrawn=n % 5 == 4, **_item(adding, n)))  # fmt: skip
    await adding.add(
        factories.evidence_link(
            item.id, clause, pick(EvidenceLinkStatus, number), **_link(adding, number)
        )
        for number, item in enumerate(adding.rows[EvidenceItem])
        for clause in adding.clauses[: number % 3]
    )
    await adding.many(12, lambda n: factories.attachment(
        _subject(adding, n), pick(AttachmentStatus, n), filename=f"{n % 3}.txt",
        caption=pick((None, adding.text()), n),
        **({"content_type": "application/pdf"} if n % 6 == 1 else {}),  # a stored one
    ))  # fmt: skip


def _item(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "effective_on": DAY + timedelta(days=number % 3)}
    facts |= {"confidentiality": pick(EvidenceConfidentiality, number)}
    if number % 2:
        facts |= {"description": adding.text(), "expires_on": DAY + timedelta(days=300)}
        facts |= {"period_start_on": DAY, "period_end_on": DAY}
    if number % 3:
        return facts | {"url": f"https://files.example/{number}?a=b&c=%20"}
    about = _subject(adding, number + 1)
    record = {"record_type": about.prefix, "record_id": about.id}
    return facts | {"kind": EvidenceKind.RECORD, "url": None, **record}


def _link(adding: Adding, number: int) -> Facts:
    facts: Facts = {"polarity": pick(EvidencePolarity, number), "strength": 1 + number % 3}
    facts |= {"decided_by_id": adding.person(2)} if number % 3 else {}
    return facts | ({"note": adding.text()} if number % 4 else {})


async def _comments(adding: Adding) -> None:
    """Make comments on records of each kind, with answers and mentions; some are deleted."""
    await adding.many(20, lambda n: factories.comment(
        _subject(adding, n), is_deleted=n % 5 == 2, body=adding.text(),
        visibility=pick(CommentVisibility, n), edited_at=clock.now() if n % 4 == 1 else None,
    ))  # fmt: skip
    tops = adding.rows[Comment][:]
    await adding.add(
        factories.comment(_subject(adding, n), body=adding.text(), parent_id=top.id)
        for n, top in enumerate(tops)
        for _ in range(n % 3)
    )
    await adding.add(
        factories.comment_mention(comment.id, person)
        for number, comment in enumerate(tops)
        for person in adding.people[: number % 4]
    )


async def _webhooks(adding: Adding) -> None:
    """Make endpoints in both states, and deliveries in every state."""
    disabled = {
        "status": WebhookEndpointStatus.DISABLED,
        "disabled_reason": WebhookDisabledReason.GONE,
    }
    endpoints = await adding.many(4, lambda n: factories.webhook_endpoint(
        adding.person(n), name=f"{adding.text()} {n}", **disabled if n % 2 else {}))  # fmt: skip
    adding.work.session.add_all(
        factories.webhook_delivery(
            pick(endpoints, number),
            status=pick(WebhookDeliveryStatus, number),
            response_code=pick((None, 204, 500), number),
            error=pick((None, adding.text()), number),
            latency_ms=number,
        )
        for number in range(12)
    )
    await adding.work.flush()


async def _notifications(adding: Adding) -> None:
    """Make notifications of every kind, read, snoozed and cancelled ones among them."""
    at = datetime(2026, 2, 27, tzinfo=UTC)
    adding.work.session.add_all(
        factories.notification(
            adding.person(number),
            adding.one(Finding, number),
            kind=pick(NotificationKind, number),
            actor_id=pick((None, adding.person(number + 1)), number),
            responsible_id=pick((None, None, adding.person(number + 2)), number),
            created_at=at + timedelta(hours=number % 7),
            read_at=pick((None, at), number),
            snooze_ends_at=pick((None, at, UNTIL), number),
            cancelled_at=pick((None, None, None, None, at), number),
            is_in_app=number % 9 != 0,
            due_on=pick((None, at.date()), number),
        )
        for number in range(40)
    )
    await adding.work.flush()
