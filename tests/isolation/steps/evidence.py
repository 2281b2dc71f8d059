"""Evidence of both kinds, and what it says about clauses."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change

DAYS = {"effectiveOn": "2026-11-01", "periodStartOn": "2026-10-01", "periodEndOn": "2026-10-31"}


def item(about: str, record: str | None = None) -> Callable[[World], dict[str, Any]]:
    """Collect evidence about a record: another one, or what stands at an address."""

    def input_of(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "description")}
        link = {"kind": "LINK", "url": f"https://files.example/{world.word}"}
        other = {"kind": "RECORD", "recordId": world.ids[record]} if record else link
        about_ = {"subjectId": world.ids[about], "expiresOn": "2030-01-01"}
        return {**texts, **other, **about_, **DAYS}

    return input_of


def _linked(world: World) -> dict[str, Any]:
    ends = {"evidenceId": world.ids["sheet"], "clauseId": world.ids["rule"]}
    return {**ends, "polarity": "SUPPORTS", "strength": 3, "note": world.text("note")}


STEPS = (
    Step("evidenceItemCreate", "photo", item("capa")),
    Step("evidenceItemUpdate", "photo", change("photo", title=str, description=str)),
    Step("evidenceItemCreate", "sheet", item("nc", "capa")),
    Step("evidenceLinkCreate", "support", _linked),
    Step("evidenceLinkReject", "support", change("support", reason=str), by="kim"),
    Step("evidenceLinkConfirm", "support", change("support"), by="kim"),
    Step("evidenceItemWithdraw", "photo", change("photo", reason=str)),
)
