"""A programme's whole life at random: the server and a small model of it agree at every step."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit import ids
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgramme
from tests.company import Client, signed
from tests.lives import STEPS, agrees
from tests.programmes.programme_records import ProgrammeRecords, show

PEOPLE = {
    "lea": Role.LEAD_AUDITOR,  # wrote it
    "pia": Role.PROCESS_OWNER,  # owns it
    "kim": Role.QUALITY_MANAGER,
    "lou": Role.LEAD_AUDITOR,
    "max": Role.EMPLOYEE,  # sees none
}
MOVES: dict[str, tuple[str, str, set[str]]] = {
    "auditProgrammeApprove": ("DRAFT", "APPROVED", {"kim"}),
    "auditProgrammeWithdrawApproval": ("APPROVED", "DRAFT", {"kim", "pia"}),
    "auditProgrammeStart": ("APPROVED", "ACTIVE", {"kim", "pia"}),
    "auditProgrammeClose": ("ACTIVE", "CLOSED", {"kim", "pia"}),
}
WRITERS = {"lea", "pia", "kim"}
ISSUED = {"REPORTED", "CLOSED"}


@dataclass
class Item:
    """What the rules know of one item."""

    id: str
    version: int = 1
    audit: str | None = None
    is_dropped: bool = False


@dataclass
class Model:
    """What the rules know of one programme, written a second time."""

    status: str = "DRAFT"
    version: int = 1
    items: list[Item] = field(default_factory=list)
    states: list[str] = field(default_factory=lambda: ["DRAFT"])

    @property
    def standing(self) -> list[Item]:
        """The items that were not dropped."""
        return [item for item in self.items if not item.is_dropped]

    def blockers(self, person: str, step: str, *, is_signed: bool = False) -> list[str]:
        """Return the codes of what is in the way, without the state."""
        codes = ["FORBIDDEN"] * (person not in MOVES[step][2])
        if step == "auditProgrammeApprove":
            codes += ["APPROVER_DIFFERS"] * (person in {"lea", "pia"})
            codes += ["ITEMS"] * (not self.standing)
            codes += ["SIGNATURE"] * (not is_signed)
        if step == "auditProgrammeClose":
            codes += ["ITEMS_DONE"] * sum(item.audit not in ISSUED for item in self.standing)
        return codes

    def outcome(self, person: str, step: str) -> list[str]:
        """Return the codes that a step is refused with; none where it succeeds."""
        if step == "auditProgrammeApprove" and person != "kim":
            return ["!FORBIDDEN"]
        if person == "max":
            return ["!NOT_FOUND"]
        wrong = ["WRONG_STATE"] * (self.status != MOVES[step][0])
        return wrong + self.blockers(person, step, is_signed=True)

    def refuses(self, person: str, *, reason: bool) -> bool:
        """Say whether a change of the items is refused, whatever it is."""
        freely = self.status == "DRAFT" or (self.status == "ACTIVE" and reason)
        return person not in WRITERS or not freely


@dataclass
class Play:
    """One run: what is there, and who does what with it."""

    programme_records: ProgrammeRecords
    chance: Random
    clients: dict[str, Client]
    row: AuditProgramme
    model: Model

    async def turn(self) -> None:
        """Do something at random, and compare."""
        await self.chance.choice(
            (self.step, self.step, self.add, self.edit, self.remove, self.drop, self.plan, self.go)
        )()
        await self.compare()

    async def send(self, person: str, mutation: str, **arguments: Any) -> Any:
        """Run a mutation and return payload or null, and the codes of its refusal."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        item_fields = "programmeItem { id audit { id } }" if mutation in WITH_ITEM else ""
        document = f"""mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {item_fields}
            errors {{ code ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
        answered = await self.clients[person].send(document, input=arguments)
        payload = answered["data"][mutation]
        if payload is None:
            return None, ["!" + answered["errors"][0]["extensions"]["code"]]
        codes: list[str] = []
        for error in payload["errors"]:
            of_error = [blocker["code"] for blocker in error.get("blockers", ())]
            codes += of_error or ["!" + error["code"]]
        return payload, codes

    async def step(self) -> None:
        """Try any step, as anybody; mostly one that the state has."""
        likely = [name for name, move in MOVES.items() if move[0] == self.model.status]
        step = self.chance.choice([*likely * 6, *MOVES])
        person = self.chance.choice([*PEOPLE, *["kim"] * 6, "pia", "pia"])
        reason = {"reason": "So."} if step == "auditProgrammeWithdrawApproval" else {}
        arguments = {"id": self.row.public_id, "expectedVersion": self.model.version, **reason}
        arguments |= signed(step)
        _, codes = await self.send(person, step, **arguments)
        assert codes == self.model.outcome(person, step), (person, step, self.model)
        if not codes:
            self.model.status = MOVES[step][1]
            self.model.version += 1
            self.model.states.append(self.model.status)

    def somebody(self) -> tuple[str, dict[str, str]]:
        """Choose who acts, and whether they say why."""
        why = {"reason": "So."} if self.chance.random() < 0.7 else {}
        return self.chance.choice([*PEOPLE, "lea", "pia"]), why

    async def add(self) -> None:
        """Plan one more thing."""
        person, why = self.somebody()
        site = (await self.programme_records.site()).public_id
        arguments = {"plannedMonth": "2027-03-01", "risk": "LOW", "siteId": site, **why}
        payload, codes = await self.send(
            person, "programmeItemCreate", programmeId=self.row.public_id, **arguments
        )
        assert (codes != []) == self.model.refuses(person, reason=bool(why)), (person, codes)
        if not codes:
            self.model.items.append(Item(payload["programmeItem"]["id"]))
            self.model.version += 1

    async def edit(self) -> None:
        """Plan a thing for another month."""
        item, (person, why) = self.any(), self.somebody()
        if item is None:
            return
        month = f"2027-{self.chance.randrange(1, 13):02d}-01"
        shown = await show(self.clients["kim"], self.row, "items { nodes { id plannedMonth } }")
        now = {node["id"]: node["plannedMonth"] for node in shown["items"]["nodes"]}[item.id]
        at = {"id": item.id, "expectedVersion": item.version}
        _, codes = await self.send(person, "programmeItemUpdate", **at, plannedMonth=month, **why)
        refused = item.is_dropped or self.model.refuses(person, reason=bool(why))
        assert (codes != []) == refused, (person, item, codes)
        if not codes and now != month:
            item.version += 1
            self.model.version += 1

    async def remove(self) -> None:
        """Take a thing out."""
        item, (person, _) = self.any(), self.somebody()
        if item is None:
            return
        at = {"id": item.id, "expectedVersion": item.version}
        _, codes = await self.send(person, "programmeItemRemove", **at)
        refused = self.model.status != "DRAFT" or person not in WRITERS or item.is_dropped
        assert (codes != []) == refused, (person, item, codes)
        if not codes:
            self.model.items.remove(item)
            self.model.version += 1

    async def drop(self) -> None:
        """Give a thing up."""
        item, (person, _) = self.any(), self.somebody()
        if item is None:
            return
        at = {"id": item.id, "expectedVersion": item.version, "reason": "So."}
        _, codes = await self.send(person, "programmeItemDrop", **at)
        is_free = not item.is_dropped and item.audit is None
        refused = self.model.status != "ACTIVE" or person not in WRITERS or not is_free
        assert (codes != []) == refused, (person, item, codes)
        if not codes:
            item.is_dropped = True
            item.version += 1
            self.model.version += 1

    async def plan(self) -> None:
        """Plan an audit of a thing."""
        item = self.any()
        if item is None:
            return
        person = self.chance.choice([*PEOPLE])
        at = {"id": item.id, "expectedVersion": item.version}
        _, codes = await self.send(person, "programmeItemPlanAudit", **at)
        is_free = not item.is_dropped and item.audit is None
        may = person in {"kim", "lea", "lou"}
        assert (codes == []) == (may and is_free and self.model.status == "ACTIVE"), (person, item)
        if not codes:
            item.audit = "PLANNED"

    async def go(self) -> None:
        """Let audits go on: mostly they are reported, some are cancelled."""
        for item in self.model.standing:
            if item.audit == "PLANNED":
                status = self.chance.choice(["REPORTED", "REPORTED", "IN_REVIEW", "CANCELLED"])
                await self._let(item, AuditStatus(status))
                item.audit = None if status == "CANCELLED" else status
            elif item.audit == "IN_REVIEW":
                await self._let(item, AuditStatus.CLOSED)
                item.audit = "CLOSED"

    async def _let(self, item: Item, status: AuditStatus) -> None:
        async with self.programme_records.working() as work:
            statement = sa.select(Audit).where(
                Audit.programme_item_id == ids.decode("pgi", item.id), Audit.status != "CANCELLED"
            )
            (audit,) = await work.rows(statement)
            audit.enter(status)
            done = {} if status == "CANCELLED" else {"result": "UNSCORED"}
            if done:
                done["completed_at"] = audit.created_at
            await work.change(audit, done)

    def any(self) -> Item | None:
        """Choose an item, if there is one."""
        return self.chance.choice(self.model.items) if self.model.items else None

    async def compare(self) -> None:
        """State, version, items and blockers are as the model says."""
        model = self.model
        person = self.chance.choice(["kim", "lea", "pia", "lou"])
        shown = """status version items(first: 100) { nodes { id version droppedOn
            audit { status } } } availableTransitions { name isAllowed blockers { code } }"""
        record = await show(self.clients[person], self.row, shown)
        assert (record["status"], record["version"]) == (model.status, model.version)
        items = {
            node["id"]: (
                node["version"],
                node["audit"] and node["audit"]["status"],
                node["droppedOn"] is not None,
            )
            for node in record["items"]["nodes"]
        }
        assert items == {i.id: (i.version, i.audit, i.is_dropped) for i in model.items}
        transitions = {
            option["name"]: [blocker["code"] for blocker in option["blockers"]]
            for option in record["availableTransitions"]
        }
        assert transitions == {
            step: model.blockers(person, step)[:11]
            for step, move in MOVES.items()
            if move[0] == model.status
        }, (person, model)


WITH_ITEM = {"programmeItemCreate", "programmeItemPlanAudit"}


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    programme_records: ProgrammeRecords, chance: Random
) -> None:
    people = {name: await programme_records.company.hire(role) for name, role in PEOPLE.items()}
    row = await programme_records.programme(by=people["lea"].user_id, owner=people["pia"].user_id)
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(person.signed_in())
            for name, person in people.items()
        }
        play = Play(programme_records, chance, clients, row, Model())
        for _ in range(STEPS):
            await play.turn()
        await agrees(programme_records.company, AuditProgramme, row.id, play.model)
