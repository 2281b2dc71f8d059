"""Two hundred audits through fifty random commands each: a small model tells what happens."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from qgp.audits.facts import related
from qgp.audits.facts.checklists import checklist_of_audit
from qgp.audits.model import Audit, AuditResponse
from qgp.audits.model.terms import AuditConclusion, AuditStatus, AuditTeamRole
from qgp.findings.facts.issue import graded_down_unfiltered
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import ids
from qgp.kit.errors import TransitionNotAllowed
from qgp.kit.policy import Principal, Role
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning
from qgp.kit.transitions import GuardContext
from qgp.kit.visibility import Readable
from qgp.templates.model import Question
from tests.audits.asking import SIGNED
from tests.audits.test_matrix import OWN, TABLE
from tests.kit.built import BUILT

assert BUILT  # which says how each kind of record is read
MOST, STEPS = 200, 50  # lives until everything is met, commands of each
# What a model knows of an audit, and whether it is so in the beginning.
FACTS = {
    "is_dated": False, "is_scoped": False, "has_subject": False, "is_led": False,
    "is_partial": True, "is_unfit": True, "is_unanswered": True, "is_failing": False,
    "wants_comment": False, "wants_photo": False, "wants_finding": False, "wants_action": False,
    "has_comment": False, "has_photo": False, "has_finding": False, "has_action": False,
    "is_explained": False, "is_grave": False, "is_complete": False, "is_concluded": False,
    "has_ended": False, "is_unsampled": True, "is_authored": False,
}  # fmt: skip
# What is in the way of a step, by the code that says so.
WAYS: Mapping[str, Mapping[str, Callable[["Model"], bool]]] = {
    "auditSchedule": {
        "DATES": lambda it: not it.so["is_dated"],
        "LEAD": lambda it: not it.so["is_led"],
        "SCOPE": lambda it: not it.so["is_scoped"],
        "CLAUSE_OR_TEMPLATE": lambda it: not it.so["has_subject"],
    },
    "auditStart": {
        "TEAM_IMPARTIAL": lambda it: it.so["is_partial"],
        "TEAM_COMPETENT": lambda it: it.so["is_unfit"] or not it.so["is_led"],
    },
    "auditCompleteFieldwork": {
        "REQUIRED_ANSWERED": lambda it: it.so["is_unanswered"],
        "SAMPLES_RECORDED": lambda it: it.so["is_unsampled"],
        "ON_FAIL_ACTIONS_DONE": lambda it: it.so["is_failing"] and it.lacks_follow_up,
        "TEAM_IMPARTIAL": lambda it: it.so["is_partial"],
    },
    "auditSubmit": {
        "ON_FAIL_ACTIONS_DONE": lambda it: it.so["is_failing"] and it.lacks_follow_up,
        "FAILURES_EXPLAINED": lambda it: (
            it.so["is_failing"] and not (it.so["has_finding"] or it.so["is_explained"])
        ),
        "FINDINGS_COMPLETE": lambda it: it.so["has_finding"] and not it.so["is_complete"],
        "CONCLUSION": lambda it: not it.so["is_concluded"],
        "TEAM_IMPARTIAL": lambda it: it.so["is_partial"],
        "SIGNATURE": lambda it: not it.is_signed,
    },
    "auditIssueReport": {
        "REVIEWER_DIFFERS": lambda it: it.took_part,
        "FINDINGS_COMPLETE": lambda it: it.so["has_finding"] and not it.so["is_complete"],
        "AUTHOR_SIGNED": lambda it: not it.so["is_authored"],
        "TEAM_IMPARTIAL": lambda it: it.so["is_partial"],
        "SIGNATURE": lambda it: not it.is_signed,
    },
    "auditReturn": {"REVIEWER_DIFFERS": lambda it: it.took_part},
    "auditCancel": {"FINDINGS_DRAFT": lambda it: it.so["has_finding"]},
    "auditClose": {"FINDINGS_TERMINAL": lambda it: it.so["has_finding"] and not it.so["has_ended"]},
}


@dataclass
class Model:
    """What the rules know of one audit, written a second time."""

    status: str = "PLANNED"
    so: dict[str, bool] = field(default_factory=lambda: dict(FACTS))
    is_signed: bool = False
    took_part: bool = False

    @property
    def lacks_follow_up(self) -> bool:
        """Whether a failing answer lacks something that the checklist wants."""
        parts = ("comment", "photo", "finding", "action")
        has = dict(self.so) | {"has_action": self.so["has_finding"] and self.so["has_action"]}
        has["has_finding"] = has["has_finding"] and has["is_grave"]
        return any(has[f"wants_{part}"] and not has[f"has_{part}"] for part in parts)

    def blockers(self, step: str, role: Role, *, leads: bool) -> set[str]:
        """Return the codes of what is in somebody's way."""
        roles, sources, _ = TABLE[step]
        codes = {code for code, is_so in WAYS.get(step, {}).items() if is_so(self)}
        codes |= set() if self.status in sources else {"WRONG_STATE"}
        return codes | (set() if role in roles or (leads and step in OWN) else {"FORBIDDEN"})

    def mend(self, chance: random.Random, step: str) -> None:
        """Change something, mostly what is in the way of the step that leads on."""
        unblocking = dict.fromkeys(("is_partial", "is_unfit", "is_unanswered"), False)
        unblocking["is_unsampled"] = False
        name = chance.choice([name for name in FACTS if not name.startswith("wants_")])
        is_so = not self.so[name]
        if chance.random() < 0.8:
            is_so = unblocking.get(name, name != "is_failing" or chance.random() < 0.3)
        self.so[name] = is_so
        if step == "auditStart":
            self.so |= {n: chance.random() < 0.3 for n in FACTS if n.startswith("wants_")}


@dataclass
class Stand(GuardContext):
    """One audit as its guards find it, seen by somebody; its rows are as the model says."""

    model: Model
    audit: Audit
    somebody: Principal | None = None
    question: Question = field(
        default_factory=lambda: Question(
            id=ids.uuid7(), text="Labelled?", fail_grade=FindingGrade.MINOR
        )
    )
    response: AuditResponse = field(
        default_factory=lambda: AuditResponse(id=ids.uuid7(), repeat_index=0)
    )
    finding: UUID = field(default_factory=ids.uuid7)

    @property
    def caller(self) -> Principal:
        """Who takes the step."""
        assert self.somebody is not None
        return self.somebody

    @property
    def signature(self) -> Meaning | None:
        """What they meant, if they signed."""
        return Meaning.AUTHORED if self.model.is_signed else None

    async def once(self, name: str, statement: Any) -> Any:
        """Nothing asks for this."""
        raise NotImplementedError

    async def load(self, loader: Any, key: Any) -> Any:
        """Return what the model says; everybody may see it all."""
        if isinstance(loader, Readable):
            return key
        so = self.model.so
        has_finding, somebody = so["has_finding"], ids.uuid7()
        if loader is checklist_of_audit:
            return self._sheet()
        status = FindingStatus.CLOSED if so["has_ended"] else FindingStatus.OPEN
        grade = FindingGrade.MINOR if so["is_grave"] else FindingGrade.OBSERVATION
        ways: dict[Any, tuple[bool, tuple[Any, ...]]] = {
            related.clauses: (so["has_subject"], (somebody,)),
            related.unrecorded_items: (so["is_unsampled"], (somebody, 1, "Gauges")),
            related.members_with_ties: (so["is_partial"], (somebody, somebody, "Ann", False)),
            related.unqualified_members: (
                so["is_unfit"],
                (somebody, "Ann", Role.EMPLOYEE, AuditTeamRole.AUDITOR),
            ),
            related.participants: (self.model.took_part, (self.caller.user_id,)),
            related.findings: (
                has_finding,
                (self.response.id, grade, so["has_ended"], True, self.finding),
            ),
            related.authorships: (
                so["is_authored"],
                (self.audit.lead_auditor_id, {str(self.finding): [1, None]}),
            ),
            graded_down_unfiltered: (False, ()),
            related.responses_acted_on: (has_finding and so["has_action"], (self.response.id,)),
            related.responses_with_photo: (so["has_photo"], (self.response.id,)),
            related.findings_drafted: (has_finding, (self._draft(),)),
            related.findings_going_on: (
                has_finding and not so["has_ended"],
                ("fnd", self.finding, "OFI-2026-0001", status, False),
            ),
        }
        is_there, row = ways[loader]
        return [loader.row(*row)] if is_there else []

    def _sheet(self) -> Any:
        so = self.model.so
        self.question.is_required = True
        self.question.is_finding_created_on_fail = so["wants_finding"]
        self.question.is_action_required_on_fail = so["wants_action"]
        self.response.comment = "Gauge 4." if so["has_comment"] else None
        self.response.no_finding_reason = "Harmless." if so["is_explained"] else None
        version = SimpleNamespace(
            is_comment_required_on_fail=so["wants_comment"],
            is_photo_required_on_fail=so["wants_photo"],
        )
        failing = [(self.question, self.response)] if so["is_failing"] else []
        unanswered = [(self.question, (self.question.id, 0))] if so["is_unanswered"] else []
        return SimpleNamespace(version=version, failing=failing, unanswered=unanswered)

    def _draft(self) -> Finding:
        """Return the finding as it waits for the report; whoever issues that may open it."""
        is_complete = self.model.so["is_complete"]
        return Finding(
            id=self.finding,
            reference="OFI-2026-0001",
            grade=FindingGrade.OFI,
            status=FindingStatus.DRAFT,
            statement="It has no label." if is_complete else None,
            evidence_text="Seen.",
            owner_id=self.finding,
            created_by_id=self.caller.user_id,
        )

    def settle(self, lead: UUID) -> None:
        """Let the audit's own columns be as the model says."""
        so, row = self.model.so, self.audit
        row.planned_start_on = row.planned_end_on = ids.uuid7() if so["is_dated"] else None  # type: ignore[assignment]  # only that there is one
        row.conclusion = AuditConclusion.CONFORM if so["is_concluded"] else None
        row.scope = "All." if so["is_scoped"] else None
        row.template_version_id = None
        row.lead_auditor_id = lead if so["is_led"] else None


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    pytestconfig: pytest.Config,
) -> None:
    met, lives = set[str](), pytestconfig.getoption("lives")
    codes = {code for ways in WAYS.values() for code in ways}
    every = codes | {"WRONG_STATE", "FORBIDDEN"} | set(TABLE)
    for seed in range(max(MOST, lives)):
        met |= await _live(random.Random(seed))
        if seed + 1 >= lives and met == every:
            break
    assert met == every


async def _live(chance: random.Random) -> set[str]:
    """Lead one life, and return the codes that it met and the steps that it took."""
    people = [_somebody(role) for role in Role]
    lead = chance.choice(people)
    model = Model()
    stand = Stand(model, Audit(id=ids.uuid7(), status=AuditStatus.PLANNED))
    met: set[str] = set()
    for _ in range(STEPS):
        who = chance.choice([*people, lead, lead, lead, people[0], people[0]])
        onward = [s for s, (_, sources, _) in TABLE.items() if model.status in sources]
        step = chance.choice([*TABLE, *onward * 8])
        if step in {"auditCancel", "auditReturn"} and chance.random() < 0.8:
            continue
        for _ in range(8):
            model.mend(chance, step)
        model.is_signed = step in SIGNED and chance.random() < 0.8
        stand.somebody = who
        stand.settle(lead.user_id)
        leads = model.so["is_led"] and who is lead
        model.took_part = leads or chance.random() < 0.2
        expected = model.blockers(step, who.role, leads=leads)
        await _compare(stand, model, leads=leads)
        try:
            await Audit.workflow.move(stand, stand.audit, step)
        except TransitionNotAllowed as refused:
            codes = {blocker.code for blocker in refused.blockers}
            assert codes == expected, (step, model)
        else:
            assert not expected, (step, model)
            model.status = TABLE[step][2]
        met |= expected or {step}
        assert stand.audit.status == model.status
    return met


async def _compare(stand: Stand, model: Model, *, leads: bool) -> None:
    """What is announced are the steps out of the state, each with what is in its way."""
    announced = {
        option.transition.name: {blocker.code for blocker in option.blockers}
        for option in await Audit.workflow.options(stand, stand.audit)
    }
    assert announced == {
        step: model.blockers(step, stand.caller.role, leads=leads)
        for step, (_, sources, _) in TABLE.items()
        if model.status in sources
    }


def _somebody(role: Role) -> Principal:
    one, two, three, four = (ids.uuid7() for _ in range(4))
    return Principal(one, two, three, four, role)


@pytest.mark.parametrize("step", TABLE)
def test_every_code_of_a_step_is_in_the_model(step: str) -> None:
    move: Any = Audit.workflow.transitions[step]
    codes = [guard.code for guard in move.guards] + ["SIGNATURE"] * move.demands_signature
    assert set(codes) == WAYS.get(step, {}).keys()
