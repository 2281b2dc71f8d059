"""An audit programme through its whole life, and the audits that carry it out."""

from collections.abc import Callable
from typing import Any

from tests.company import signature
from tests.isolation.world import Step, World, change, signed


def _programme(world: World) -> dict[str, Any]:
    texts = {name: world.text(name) for name in ("title", "objectives", "riskBasis")}
    days = {"periodStartOn": "2027-01-01", "periodEndOn": "2027-12-31"}
    who = {"ownerId": world.ids["lea"], "standardIds": [world.ids["old"]]}
    return {"method": "HYBRID", **days, **who, **texts}


def _item(
    month: str, programme: str = "programme", **target: str
) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        where = {name: world.ids[record] for name, record in target.items()}
        what = {"plannedMonth": month, "risk": "HIGH", "note": world.text("note")}
        why = {"reason": world.text("why")}
        return {"programmeId": world.ids[programme], **what, **where, **why}

    return input_of


def _standing(**facts: str) -> Callable[[World], dict[str, Any]]:
    """Plan an audit past the programme."""

    def input_of(world: World) -> dict[str, Any]:
        kind = {"type": "SYSTEM", "method": "REMOTE", "source": "FIRST_PARTY"}
        values = {name: world.ids.get(value, value) for name, value in facts.items()}
        return {**kind, "title": world.text("audit"), **values}

    return input_of


_WHOLE = {"clauseId": "rule", "siteId": "plant", "departmentId": "lab", "processId": "process"}


def _now(world: World, version: int, record: str) -> dict[str, Any]:
    """Change a programme whose items changed: each time counts, and the steps do not see it."""
    return {"id": world.ids[record], "expectedVersion": version}


def _approved(version: int, record: str) -> Any:
    """Approve such a programme."""
    return lambda world: {**_now(world, version, record), "signature": signature("APPROVED")}


STEPS = (
    Step("auditProgrammeCreate", "programme", _programme),
    Step("auditProgrammeUpdate", "programme", change("programme", method="ONSITE", ownerId="lea")),
    Step("programmeItemCreate", "slot", _item("2027-02-01", siteId="hq")),
    Step("programmeItemRemove", "programme", change("slot")),
    Step("programmeItemCreate", "slot", _item("2027-03-01", **_WHOLE)),
    Step("programmeItemUpdate", "slot", change("slot", risk="LOW", siteId="plant")),
    Step("auditProgrammeApprove", "programme", _approved(6, "programme"), by="kim"),
    Step("auditProgrammeWithdrawApproval", "programme", change("programme", reason=str)),
    Step("auditProgrammeApprove", "programme", signed("programme", "APPROVED"), by="kim"),
    Step("auditProgrammeStart", "programme", change("programme")),
    Step("programmeItemPlanAudit", "slot", change("slot", title=str, scope=str)),
    Step("programmeItemUnlinkAudit", "slot", change("slot")),
    Step("auditCreate", "walk", _standing(plannedStartOn="2027-03-02", siteId="plant")),
    Step("programmeItemLinkAudit", "slot", change("slot", auditId="walk")),
    Step("programmeItemCreate", "extra", _item("2027-04-01", siteId="hq")),
    Step("programmeItemDrop", "extra", change("extra", reason=str)),
    Step("auditProgrammeCreate", "past", _programme),
    Step("programmeItemCreate", "unwalked", _item("2027-02-01", "past", siteId="hq")),
    Step("auditProgrammeApprove", "past", _approved(2, "past"), by="kim"),
    Step("auditProgrammeStart", "past", change("past")),
    Step("programmeItemDrop", "unwalked", change("unwalked", reason=str)),
    Step("auditProgrammeClose", "past", lambda world: _now(world, 5, "past")),
)
