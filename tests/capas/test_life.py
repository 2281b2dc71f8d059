"""A CAPA's whole life at random: the server and a small model of it agree after every step."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import pytest

from qgp.actions.model import OVER, Action, ActionStatus
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaPriority, EffectivenessMetric
from qgp.evidence.model import EvidenceItem
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.standards.model import Clause
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Person, signature
from tests.lives import STEPS, agrees

ENOUGH = 100  # lives to meet everything
PEOPLE = {
    "kim": Role.QUALITY_MANAGER,
    "lou": Role.QUALITY_MANAGER,
    "pat": Role.PROCESS_OWNER,
    "ann": Role.AUDITOR,
    "eve": Role.EMPLOYEE,
}
QUALITY, WORKERS = {"kim", "lou"}, {"kim", "lou", "pat"}
LIVE = {"DRAFT", "OPEN", "ANALYSIS", "PLANNED", "IMPLEMENTING", "VERIFICATION", "EFFECTIVENESS"}
MOVES: dict[str, tuple[set[str], str, set[str]]] = {
    "capaOpen": ({"DRAFT"}, "OPEN", WORKERS),
    "capaStartAnalysis": ({"OPEN"}, "ANALYSIS", WORKERS),
    "capaStartPlanning": ({"ANALYSIS"}, "PLANNED", WORKERS),
    "capaReleasePlan": ({"PLANNED"}, "IMPLEMENTING", WORKERS),
    "capaSubmitForVerification": ({"IMPLEMENTING"}, "VERIFICATION", WORKERS),
    "capaConfirmImplementation": ({"VERIFICATION"}, "EFFECTIVENESS", QUALITY),
    "capaClose": ({"EFFECTIVENESS"}, "CLOSED", QUALITY),
    "capaRecordIneffective": ({"EFFECTIVENESS"}, "ANALYSIS", QUALITY),
    "capaCancel": (LIVE, "CANCELLED", QUALITY),
    "capaReopen": ({"CLOSED"}, "ANALYSIS", QUALITY),
}
FURTHER = {
    "RISK_REVIEWED": ("capaReleasePlan", "risk_review"),
    "DOCS_PUBLISHED": ("capaSubmitForVerification", "document_change"),
    "TRAINING_DONE": ("capaSubmitForVerification", "training"),
}
SIGNED = {"capaReleasePlan": "APPROVED", "capaClose": "VERIFIED"}
OWN = {"capaStartAnalysis", "capaStartPlanning", "capaReleasePlan", "capaSubmitForVerification"}
ONWARD = {
    "DRAFT": "capaOpen",
    "OPEN": "capaStartAnalysis",
    "ANALYSIS": "capaStartPlanning",
    "PLANNED": "capaReleasePlan",
    "IMPLEMENTING": "capaSubmitForVerification",
    "VERIFICATION": "capaConfirmImplementation",
    "EFFECTIVENESS": "capaClose",
    "CLOSED": "capaReopen",
}


@dataclass
class Task:
    """What the rules know of an action: `round` is the one that it was completed in."""

    owner: str
    status: ActionStatus
    is_verified: bool
    round: int

    @property
    def is_left(self) -> bool:
        """Say whether something is to be done yet."""
        is_unseen = self.status is ActionStatus.DONE and self.is_verified
        return is_unseen or self.status is ActionStatus.TODO


@dataclass
class Model:
    """What the rules know of one CAPA, written a second time.

    Attributes:
        window: of the effectiveness review: `ahead`; `near`, where a waiver suffices unless the
            CAPA is urgent; `over`.
        is_long: whether no waiver shortens the window of this round to a near one; None before the
            release of its plan, when the urgency decides.
        is_confirmed: whether the implementation of this round is.
        has_effect: whether evidence was collected since.
        owners: all whom it ever had.
    """

    status: str = "DRAFT"
    states: list[str] = field(default_factory=lambda: ["DRAFT"])
    version: int = 1
    round: int = 1
    owner: str | None = None
    is_urgent: bool = False
    is_long: bool | None = None
    has_source: bool = False
    has_major: bool = False
    is_known: bool = False
    is_defined: bool = False
    window: str = "ahead"
    is_confirmed: bool = False
    is_implemented: bool = False
    has_recurred: bool = False
    has_open_major: bool = False
    has_proof: bool = False
    has_effect: bool = False
    owners: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    analyzed: set[int] = field(default_factory=set)
    actions: list["Task"] = field(default_factory=list)

    def sees(self, person: str) -> bool:
        """Say whether the CAPA is visible to somebody."""
        return person != "eve" or self.owner == "eve"

    def blockers(
        self, person: str, step: str, *, is_waived: bool = False, is_signed: bool = False
    ) -> list[str]:
        """Return the codes of what is in the way, without the state."""
        codes = []
        may = person in MOVES[step][2] or (step in OWN and person == self.owner)
        if not may:
            codes.append("FORBIDDEN")
        if step == "capaOpen":
            codes += ["OWNER"] * (self.owner is None) + ["SOURCE"] * (
                not (self.has_source or self.has_major)
            )
        if step == "capaStartPlanning" and not (self.is_known or self.round in self.analyzed):
            codes.append("RCA_COMPLETED")
        if step == "capaReleasePlan":
            idle = {ActionStatus.CANCELLED} if self.round == 1 else OVER
            planned = any(task.status not in idle for task in self.actions)
            codes += ["ACTIONS_PLANNED"] * (not planned)
            codes += ["EFFECTIVENESS_DEFINED"] * (not self.is_defined)
            codes += ["QM_APPROVAL"] * (self.is_urgent and person not in QUALITY)
            is_own = person == self.owner and person in QUALITY
            codes += ["APPROVER_DIFFERS"] * (self.is_urgent and is_own)
            codes += ["SIGNATURE"] * (self.is_urgent and not is_signed)
        codes += sorted(
            {code for code in self.required - self.recorded if FURTHER[code][0] == step}
        )
        if step in {"capaSubmitForVerification", "capaConfirmImplementation", "capaClose"}:
            codes += ["ACTIONS_DONE"] * self._undone(person)
        if step == "capaConfirmImplementation":
            codes += ["VERIFIER_DIFFERS"] * (person == self.owner)
            codes += ["VERIFIER_DIFFERS" for task in self.actions if task.owner == person]
            codes += ["EVIDENCE"] * (not self.has_proof)
        if step == "capaClose":
            is_shown = self.has_effect if self.is_confirmed else self.has_proof
            codes += ["EVIDENCE"] * (not is_shown)
            is_ahead = self.status == "EFFECTIVENESS" and self.window != "over"
            is_long = self.is_urgent if self.is_long is None else self.is_long
            is_waivable = is_waived and self.window == "near" and not is_long
            codes += ["WINDOW_ELAPSED"] * (is_ahead and not is_waivable)
            if self.has_major:
                codes += ["VERIFIER_DIFFERS"] * (person in self.owners)
                codes += ["VERIFIER_DIFFERS" for task in self.actions if task.owner == person]
            is_judged = self.is_defined and self.is_implemented and self.has_source
            codes += ["NO_RECURRENCE"] * (is_judged and self.has_recurred)
            codes += ["SIGNATURE"] * (self.has_major and not is_signed)
        if step == "capaCancel":
            is_in_review = self.has_major and self.status == "EFFECTIVENESS"
            codes += ["OPEN_MAJOR_SOURCE"] * (self.has_open_major or is_in_review)
        return codes

    def _undone(self, person: str) -> int:
        """Count the actions that are left; one where nothing was done, one for all hidden ones."""
        left = [task for task in self.actions if task.is_left]
        if left:
            hidden = [task for task in left if person == "eve" and task.owner != person]
            return len(left) - len(hidden) + bool(hidden)
        done = [task for task in self.actions if task.status is not ActionStatus.CANCELLED]
        return int(all(task.round != self.round for task in done))

    def outcome(
        self, person: str, step: str, *, is_waived: bool = False, is_signed: bool = True
    ) -> list[str]:
        """Return the codes that a step is refused with; none where it succeeds."""
        if person not in MOVES[step][2] and step not in OWN:
            return ["!FORBIDDEN"]
        if not self.sees(person):
            return ["!NOT_FOUND"]
        wrong = ["WRONG_STATE"] * (self.status not in MOVES[step][0])
        return wrong + self.blockers(person, step, is_waived=is_waived, is_signed=is_signed)

    def make(self, step: str) -> None:
        """Take a step that succeeds."""
        self.status, self.version = MOVES[step][1], self.version + 1
        self.states.append(self.status)
        if step in {"capaReleasePlan", "capaConfirmImplementation"}:
            self.is_long = self.is_urgent or bool(self.is_long)
        if step == "capaSubmitForVerification":
            self.is_implemented = True
        if step == "capaConfirmImplementation":
            self.window, self.is_confirmed, self.has_effect = "ahead", True, False
        if step in {"capaRecordIneffective", "capaReopen"}:
            self.round += 1
            self.is_known = self.is_implemented = self.is_confirmed = False
            self.has_proof = self.has_effect = False
            self.is_long = None
            self.window, self.has_open_major = "ahead", self.has_major
            self.recorded.clear()


Fact = Callable[[], Awaitable[None]]


@dataclass
class Life:
    """One CAPA on the server beside its model, and the people around it."""

    capa_records: CapaRecords
    people: dict[str, Person]
    clients: dict[str, Client]
    chance: Random
    row: Capa
    clause: Clause
    source: Finding
    model: Model = field(default_factory=Model)
    actions: list[Action] = field(default_factory=list)
    major: Finding | None = None
    again: Finding | None = None
    proofs: list[EvidenceItem] = field(default_factory=list)
    is_late: bool = False
    met: set[str] = field(default_factory=set)

    async def go_on(self, *, is_late: bool) -> None:
        """Do something that leads on, or anything at all, and compare."""
        self.is_late = is_late
        step = ONWARD.get(self.model.status)
        late = [self._again] * (self.again is None) + [self._major] * (self.major is None)
        is_to_fail = self.model.status == "EFFECTIVENESS" and self.model.round == 1
        if is_to_fail and late and self.chance.random() < 0.4:
            await self.chance.choice(late)()
        elif step is None or self.chance.random() < 0.3:
            await self.chance.choice([self._any_step, self._any_fact])()
        elif step == "capaClose" and self.model.round == 1 and self.chance.random() < 0.5:
            await self._step(self.chance.choice(sorted(QUALITY)), "capaRecordIneffective")
        else:
            person = self._able(step) or self.chance.choice(sorted(self.people))
            missing = self.model.outcome(person, step)
            ways = [self._mends()[code] for code in missing if code in self._mends()]
            is_mended = ways and self.chance.random() < 0.7
            await (self.chance.choice(ways)() if is_mended else self._step(person, step))
        await self._compare()

    def _able(self, step: str) -> str | None:
        """Return, more often than not, somebody whom nothing but what can be mended keeps."""
        never = {"!FORBIDDEN", "!NOT_FOUND", "FORBIDDEN", "VERIFIER_DIFFERS", "QM_APPROVAL"}
        never |= {"APPROVER_DIFFERS"}
        able = [p for p in self.people if not never & {*self.model.outcome(p, step)}]
        return self.chance.choice(sorted(able)) if able and self.chance.random() < 0.7 else None

    async def _any_step(self) -> None:
        await self._step(self.chance.choice(sorted(self.people)), self.chance.choice(sorted(MOVES)))

    async def _any_fact(self) -> None:
        facts = [*self._mends().values(), self._urgency, self._withdraw, self._again, self._major]
        facts += [self._ask, self._ask]
        await self.chance.choice(facts)()

    async def _step(self, person: str, step: str) -> None:
        is_waived = step == "capaClose" and self.chance.random() < 0.5
        is_signed = step in SIGNED and self.chance.random() < 0.7
        more: dict[str, Any] = {
            "capaClose": {"result": "PARTIAL", "resultNote": "Good enough."},
            "capaRecordIneffective": {"resultNote": "Burrs."},
            "capaCancel": {"reason": "Why not."},
            "capaReopen": {"reason": "Burrs again."},
        }.get(step, {})
        if is_waived:
            more["waiverReason"] = "No time."
        if is_signed:
            more["signature"] = signature(SIGNED[step])
        expected = self.model.outcome(person, step, is_waived=is_waived, is_signed=is_signed)
        codes = await refusals(self.clients[person], step, self.row, self.model.version, more)
        assert sorted(codes) == sorted(expected), (person, step, self.model)
        self.met |= {*expected} or {step}
        if not expected:
            self.model.make(step)

    def _mends(self) -> dict[str, Fact]:
        """What frees each blocker."""
        return {
            "OWNER": self._owner,
            "SOURCE": self._link,
            "RCA_COMPLETED": self.chance.choice([self._analysis, self._known]),
            "ACTIONS_PLANNED": self._action,
            "ACTIONS_DONE": self._finish,
            "EFFECTIVENESS_DEFINED": self._define,
            "EVIDENCE": self._prove,
            "WINDOW_ELAPSED": self._wait,
            "NO_RECURRENCE": self._forget,
            "OPEN_MAJOR_SOURCE": self._settle,
            **{code: partial(self._tell, code) for code in FURTHER},
        }

    async def _set(self, **values: Any) -> None:
        """Set columns, which counts a version if they differ."""
        before = self.model.version
        self.row = await self.capa_records.change(self.row, **values)
        assert self.row.version in {before, before + 1}
        self.model.version = self.row.version

    async def _owner(self) -> None:
        self.model.owner = self.chance.choice(sorted(self.people))
        self.model.owners.add(self.model.owner)
        await self._set(owner_id=self.people[self.model.owner].user_id)

    async def _link(self) -> None:
        if not self.model.has_source:
            await self.capa_records.link(self.row, self.source)
            self.model.has_source = True

    async def _known(self) -> None:
        self.model.is_known = True
        await self._set(cause_known_reason="Seen on the bench.")

    async def _analysis(self) -> None:
        await self.capa_records.analysis(self.row, round=self.model.round)
        self.model.analyzed.add(self.model.round)

    async def _action(self) -> None:
        owner = self.chance.choice(["kim", "pat", "eve"])
        status = self.chance.choice([ActionStatus.TODO, ActionStatus.DONE, ActionStatus.CANCELLED])
        await self._new_action(owner, status, is_verified=self.chance.random() < 0.3)

    async def _new_action(self, owner: str, status: ActionStatus, *, is_verified: bool) -> None:
        who, more = self.people[owner].user_id, {"is_verification_required": is_verified}
        self.actions.append(await self.capa_records.action(self.row, status, owner_id=who, **more))
        self.model.actions.append(Task(owner, status, is_verified, self.model.round))

    async def _finish(self) -> None:
        """Bring one action to its end, or have another done where there is nothing to end."""
        for place, task in enumerate(self.model.actions):
            if task.is_left:
                is_done = task.status is ActionStatus.DONE
                end = ActionStatus.VERIFIED if is_done else ActionStatus.CANCELLED
                seen = {"verified_at": clock.now()} if is_done else {}
                self.actions[place] = await self.capa_records.enter(
                    self.actions[place], end, **seen
                )
                task.status = end
                return
        await self._new_action("pat", ActionStatus.DONE, is_verified=False)

    async def _prove(self) -> None:
        about = self.chance.choice([self.row, *self.actions])
        self.proofs.append(await self.capa_records.proof(about))
        self.model.has_proof = True
        self.model.has_effect = self.model.is_confirmed

    async def _withdraw(self) -> None:
        gone = {"withdrawn_at": clock.now(), "withdrawal_reason": "Another part."}
        while self.proofs:
            await self.capa_records.change(self.proofs.pop(), **gone)
        self.model.has_proof = self.model.has_effect = False

    async def _define(self) -> None:
        self.model.is_defined = True
        metric = EffectivenessMetric.NO_RECURRENCE
        await self._set(effectiveness_criteria="None.", effectiveness_metric=metric)

    async def _urgency(self) -> None:
        self.model.is_urgent = not self.model.is_urgent
        priority = CapaPriority.CRITICAL if self.model.is_urgent else CapaPriority.LOW
        await self._set(priority=priority)

    async def _ask(self) -> None:
        """Want something else of it, or no more."""
        code = self.chance.choice(sorted(FURTHER))
        self.model.required ^= {code}
        await self._set(**{f"is_{FURTHER[code][1]}_required": code in self.model.required})

    async def _tell(self, code: str) -> None:
        self.model.recorded.add(code)
        await self._set(**{f"{FURTHER[code][1]}_note": "Revision 7."})

    async def _wait(self) -> None:
        if self.model.status == "EFFECTIVENESS":
            self.model.window = self.chance.choice(["near", "over"])
            is_near = self.model.window == "near"
            await self._set(effectiveness_due_on=self.capa_records.days_ago(-10 if is_near else 1))

    async def _major(self) -> None:
        if self.major is None:
            self.major = await self.capa_records.finding(grade=FindingGrade.MAJOR)
            await self.capa_records.link(self.row, self.major)
            self.model.has_major = self.model.has_open_major = True

    async def _settle(self) -> None:
        if self.major is not None and self.model.has_open_major:
            closed = {"closed_on": clock.today()}
            await self.capa_records.enter(self.major, FindingStatus.CLOSED, **closed)
            self.model.has_open_major = False

    async def _again(self) -> None:
        if self.again is None:
            self.again = await self.capa_records.finding(clause=self.clause)
            self.model.has_recurred = True

    async def _forget(self) -> None:
        if self.again is not None:
            await self.capa_records.enter(self.again, FindingStatus.VOID)
            self.again, self.model.has_recurred = None, False

    async def _compare(self) -> None:
        """Compare what a person is told with what the model says."""
        person = self.chance.choice(sorted(self.people))
        row = await shown(self.clients[person], self.row)
        if not self.model.sees(person):
            assert row is None
            return
        facts = {name: row[name] for name in ("status", "version", "round")}
        assert facts == {name: getattr(self.model, name) for name in facts}, self.model
        errors = {
            move["name"]: sorted(blocker["code"] for blocker in move["blockers"])
            for move in row["availableTransitions"]
        }
        self.met |= {code for codes in errors.values() for code in codes}
        steps = [step for step, (sources, *_) in MOVES.items() if self.model.status in sources]
        assert errors == {step: sorted(self.model.blockers(person, step)) for step in steps}
        assert row["rounds"] == [
            {"number": number} for number in reversed(range(1, self.model.round))
        ]


async def shown(api: Client, row: Capa) -> Any:
    """Return the CAPA as a person sees it."""
    document = """query ($id: ID!) { capa(by: {id: $id}) { status version round
        rounds { number } availableTransitions { name blockers { code } } } }"""
    return (await api.ask(document, id=row.public_id))["capa"]


async def refusals(
    api: Client, step: str, row: Capa, version: int, more: dict[str, Any]
) -> list[str]:
    """Take a step and return the codes that it is refused with, `!` before the whole's."""
    document = f"""mutation ($i: C{step[1:]}Input!) {{ {step}(input: $i) {{ errors {{
        code ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
    values = {"id": row.public_id, "expectedVersion": version, **more}
    answer = await api.send(document, i=values)
    if "errors" in answer:
        return [f"!{error['extensions']['code']}" for error in answer["errors"]]
    errors = answer["data"][step]["errors"]
    blockers = [blocker["code"] for error in errors for blocker in error.get("blockers", ())]
    return blockers or [f"!{error['code']}" for error in errors]


BLOCKERS = {
    *("WRONG_STATE", "FORBIDDEN", "OWNER", "SOURCE", "RCA_COMPLETED", "ACTIONS_PLANNED"),
    *("EFFECTIVENESS_DEFINED", "QM_APPROVAL", "ACTIONS_DONE", "VERIFIER_DIFFERS", "EVIDENCE"),
    *(
        "WINDOW_ELAPSED",
        "NO_RECURRENCE",
        "SIGNATURE",
        "OPEN_MAJOR_SOURCE",
        "!FORBIDDEN",
        "!NOT_FOUND",
    ),
    *FURTHER,
}


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    capa_records: CapaRecords, pytestconfig: pytest.Config
) -> None:
    people = {name: await capa_records.company.hire(role) for name, role in PEOPLE.items()}
    met, lives = set[str](), pytestconfig.getoption("lives")
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(person.signed_in())
            for name, person in people.items()
        }
        for seed in range(lives):
            met |= await live(capa_records, people, clients, Random(seed))
    if lives >= ENOUGH:
        assert (BLOCKERS | MOVES.keys()) - met == set()


async def live(
    capa_records: CapaRecords, people: dict[str, Person], clients: dict[str, Client], chance: Random
) -> set[str]:
    """Lead one life and return the blockers that it met and the steps that it took."""
    clause = await capa_records.clause()
    source = await capa_records.finding(clause=clause)
    row = await capa_records.capa(owner_id=None)
    life = Life(capa_records, people, clients, chance, row, clause, source)
    for step in range(STEPS):
        await life.go_on(is_late=step > STEPS * 0.8)
        if life.model.status == "CANCELLED":
            break
    await agrees(capa_records.company, Capa, row.id, life.model)
    return life.met
