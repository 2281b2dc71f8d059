"""An audit's whole life at random: the server and a small model of it agree after every step."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.users.model import User
from tests.audits.asking import SIGNED, answer, read, respond
from tests.audits.audit_records import AuditRecords, Checklist, asked
from tests.company import Client, signature
from tests.lives import STEPS, agrees

PEOPLE = {
    "lea": Role.LEAD_AUDITOR,  # leads it
    "lou": Role.LEAD_AUDITOR,
    "kim": Role.QUALITY_MANAGER,
    "ann": Role.AUDITOR,  # on the team
    "eve": Role.EMPLOYEE,  # audited
    "max": Role.EMPLOYEE,  # has no part in it
}
QUALITY, PLANNERS = {"kim"}, {"kim", "lea", "lou"}
MOVES: dict[str, tuple[set[str], str, set[str]]] = {
    "auditSchedule": ({"PLANNED"}, "SCHEDULED", PLANNERS),
    "auditStart": ({"SCHEDULED"}, "IN_PROGRESS", {"kim", "lea"}),
    "auditCompleteFieldwork": ({"IN_PROGRESS"}, "FIELDWORK_DONE", {"kim", "lea"}),
    "auditSubmit": ({"FIELDWORK_DONE"}, "IN_REVIEW", {"lea"}),
    "auditIssueReport": ({"IN_REVIEW"}, "REPORTED", PLANNERS),
    "auditReturn": ({"IN_REVIEW"}, "IN_PROGRESS", PLANNERS),
    "auditClose": ({"REPORTED"}, "CLOSED", {"kim", "lea"}),
    "auditReopen": ({"CLOSED"}, "REPORTED", QUALITY),
    "auditCancel": ({"PLANNED", "SCHEDULED", "IN_PROGRESS"}, "CANCELLED", QUALITY),
}
BY_ROLE = dict.fromkeys(("auditSchedule", "auditIssueReport", "auditReturn"), PLANNERS)
BY_ROLE |= dict.fromkeys(("auditCancel", "auditReopen"), QUALITY)
OPEN_TO_ANSWERS = {"lea", "ann"}


@dataclass
class Model:
    """What the rules know of one audit, written a second time."""

    status: str = "PLANNED"
    version: int = 0
    has_scope: bool = False
    is_partial: bool = False
    is_authored: bool = False
    answers: dict[int, str] = field(default_factory=dict)
    with_finding: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    states: list[str] = field(default_factory=lambda: ["PLANNED"])

    @property
    def failing(self) -> set[int]:
        """The questions whose answer fails."""
        return {number for number, text in self.answers.items() if text == "NO"}

    def blockers(self, person: str, step: str, *, is_signed: bool = False) -> list[str]:
        """Return the codes of what is in the way, without the state."""
        codes = ["FORBIDDEN"] * (person not in MOVES[step][2])
        if step in {"auditIssueReport", "auditReturn"}:
            codes += ["REVIEWER_DIFFERS"] * (person in {"lea", "ann"})
        codes += ["SIGNATURE"] * (step in SIGNED and not is_signed)
        if step == "auditSchedule":
            codes += ["SCOPE"] * (not self.has_scope)
        if step in {"auditStart", "auditCompleteFieldwork", "auditSubmit", "auditIssueReport"}:
            codes += ["TEAM_IMPARTIAL"] * self.is_partial
        if step == "auditCancel" and self.status not in {"REPORTED", "CLOSED"}:
            codes += ["FINDINGS_DRAFT"] * len(self.with_finding)
        if step == "auditIssueReport":
            codes += ["AUTHOR_SIGNED"] * (not self.is_authored)
        if step == "auditCompleteFieldwork":
            codes += ["REQUIRED_ANSWERED"] * (0 not in self.answers)
        if step == "auditSubmit":
            codes += ["FAILURES_EXPLAINED"] * len(self.failing - self.with_finding)
        if step == "auditClose":
            codes += ["FINDINGS_TERMINAL"] * len(self.with_finding - self.ended)
        return codes

    def outcome(self, person: str, step: str) -> list[str]:
        """Return the codes that a step is refused with; none where it succeeds."""
        if person not in BY_ROLE.get(step, PEOPLE):
            return ["!FORBIDDEN"]
        if person == "max":
            return ["!NOT_FOUND"]
        wrong = ["WRONG_STATE"] * (self.status not in MOVES[step][0])
        return wrong + self.blockers(person, step, is_signed=True)

    def make(self, step: str) -> None:
        """Take the step."""
        self.status, self.version = MOVES[step][1], self.version + 1
        self.states.append(self.status)
        if step in {"auditSubmit", "auditReturn"}:
            self.is_authored = step == "auditSubmit"

    def score(self) -> tuple[str | None, str | None]:
        """Return percentage and result: two questions of weight 1, passed from 80 percent."""
        if self.status not in {"FIELDWORK_DONE", "IN_REVIEW", "REPORTED", "CLOSED"}:
            return None, None
        met = len(self.answers) - len(self.failing)
        pct = 100 * met / len(self.answers)
        return str(round(pct)), "PASS" if pct >= 80 else "FAIL"


@dataclass
class Play:
    """One run: what is there, and who does what with it."""

    audit_records: AuditRecords
    chance: Random
    clients: dict[str, Client]
    audit: Audit
    checklist: Checklist
    partial: Any
    model: Model
    sequence: int = 0

    async def turn(self) -> None:
        """Do something at random, and compare."""
        await self.chance.choice(
            (self.step, self.step, self.step, self.say, self.fill, self.find)
        )()
        await self.compare()

    async def step(self) -> None:
        """Try any step, as anybody; mostly one that the state has."""
        model = self.model
        likely = [name for name, move in MOVES.items() if model.status in move[0]]
        step = self.chance.choice([*likely * 9, *MOVES])
        if step == "auditCancel" and self.chance.random() < 0.98:
            return
        person = self.chance.choice([*PEOPLE] + ["kim"] * 12 + ["lea"] * 6)
        await self.take(person, step)

    async def take(self, person: str, step: str) -> None:
        expected = self.model.outcome(person, step)
        reason = {"reason": "So."} if step in {"auditCancel", "auditReopen", "auditReturn"} else {}
        kind = f"{step[0].upper()}{step[1:]}Input"
        document = f"""mutation ($input: {kind}!) {{ {step}(input: $input) {{ errors {{ code
            ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
        arguments = {"id": self.audit.public_id, "expectedVersion": self.model.version, **reason}
        if step in SIGNED:
            arguments["signature"] = signature(SIGNED[step])
        answered = await self.clients[person].send(document, input=arguments)
        assert sorted(codes(answered, step)) == sorted(expected), (person, step, self.model)
        if not expected:
            self.model.make(step)

    async def say(self) -> None:
        """Answer a question."""
        person = self.chance.choice([*PEOPLE, "ann", "ann", "ann", "lea", "lea"])
        number = self.chance.randrange(2)
        text = self.chance.choice(["YES", "YES", "NO"])
        self.sequence += 1
        said = answer(self.checklist.questions[number], self.sequence, value=text)
        (result,) = await respond(self.clients[person], self.audit, said)
        may = person in OPEN_TO_ANSWERS and self.model.status == "IN_PROGRESS"
        assert (result["errors"] == []) == may, (person, self.model, result)
        if may:
            self.model.answers[number] = text

    async def fill(self) -> None:
        """Fill in the scope, or move somebody of the team into the audited department."""
        model = self.model
        if self.chance.random() < (0.8 if model.is_partial else 0.2):
            model.is_partial = not model.is_partial
            department_id = self.audit.department_id if model.is_partial else None
            self.partial = await self.audit_records.change(
                self.partial, department_id=department_id
            )
            return
        arguments = {"id": self.audit.public_id, "expectedVersion": model.version, "scope": "All."}
        payload = await self.clients["kim"].do("auditUpdate", **arguments)
        may = model.status in {"PLANNED", "SCHEDULED"} or (
            model.has_scope and model.status not in {"REPORTED", "CLOSED", "CANCELLED"}
        )  # what stays as it is, is no change
        assert (payload["errors"] == []) == may
        if may and not model.has_scope:
            model.has_scope, model.version = True, model.version + 1

    async def find(self) -> None:
        """Raise a finding for a failing answer, or end one."""
        model = self.model
        for number in sorted(model.failing - model.with_finding):
            if model.status in {"IN_PROGRESS", "FIELDWORK_DONE"}:
                await self._raise(number)
                model.with_finding.add(number)
                return
        for number in sorted(model.with_finding - model.ended):
            if model.status == "REPORTED":
                await self._end(number)
                model.ended.add(number)
                return

    async def _raise(self, number: int) -> None:
        shown = await read(
            self.clients["kim"], self.audit, "responses { nodes { id question { id } } }"
        )
        mine = self.checklist.questions[number].public_id
        (response,) = [
            node["id"] for node in shown["responses"]["nodes"] if node["question"]["id"] == mine
        ]
        arguments = {"grade": "OBSERVATION", "sourceType": "AUDIT", "title": str(number)}
        arguments |= {"statement": "x", "evidenceText": "x", "responseId": response}
        arguments["ownerId"] = self.audit_records.company.owner.id
        payload = await self.clients["ann"].do("findingCreate", **arguments)
        assert payload["errors"] == []

    async def _end(self, number: int) -> None:
        async with self.audit_records.working() as work:
            statement = sa.select(Finding).where(
                Finding.audit_id == self.audit.id, Finding.title == str(number)
            )
            for row in await work.rows(statement):
                row.enter(FindingStatus.CLOSED)
                await work.change(row, {"closed_on": clock.today()})

    async def compare(self) -> None:
        """State, version, score, blockers and trail are as the model says."""
        model = self.model
        person = self.chance.choice(["kim", "lea", "eve"])
        shown = """status version scorePct result
            availableTransitions { name isAllowed blockers { code } }"""
        record = await read(self.clients[person], self.audit, shown)
        assert (record["status"], record["version"]) == (model.status, model.version)
        assert (record["scorePct"], record["result"]) == model.score(), model
        # An employee sees the drafts that concern them, so that no other one is named to them.
        hidden = {"FINDINGS_DRAFT"} if person == "eve" else set()
        transitions = {
            option["name"]: sorted({b["code"] for b in option["blockers"]} - hidden)
            for option in record["availableTransitions"]
        }
        assert transitions == {
            step: sorted({*model.blockers(person, step)} - hidden)
            for step, move in MOVES.items()
            if model.status in move[0]
        }, (person, model)


def codes(answered: Any, step: str) -> list[str]:
    """Return what a step was refused with: blockers, or the one other code with a mark."""
    payload = answered["data"][step]
    if payload is None:
        return ["!" + answered["errors"][0]["extensions"]["code"]]
    blocker_codes = []
    for error in payload["errors"]:
        of_error = [blocker["code"] for blocker in error.get("blockers", ())]
        blocker_codes += of_error or ["!" + error["code"]]
    return blocker_codes


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    audit_records: AuditRecords, chance: Random
) -> None:
    people = {name: await audit_records.company.hire(role) for name, role in PEOPLE.items()}
    unit = await audit_records.department()
    checklist = await audit_records.checklist(asked(is_required=True), asked())
    team = [(people["lea"].user_id, "LEAD"), (people["ann"].user_id, "AUDITOR")]
    audit = await audit_records.audit(
        checklist=checklist,
        team=team,
        auditees=[people["eve"].user_id],
        department_id=unit.id,
        scope=None,
    )
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(person.signed_in())
            for name, person in people.items()
        }
        async with audit_records.working() as work:
            ann = await work.get(User, people["ann"].user_id)
        model = Model(version=audit.version)
        play = Play(audit_records, chance, clients, audit, checklist, ann, model)
        for _ in range(STEPS):
            await play.turn()
        await agrees(audit_records.company, Audit, audit.id, model)
