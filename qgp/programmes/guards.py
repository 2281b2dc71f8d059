"""What the steps of a programme ask of its items."""

from qgp.audits.facts.coverage import ISSUED
from qgp.kit import ids
from qgp.kit.transitions import GuardContext, Missing, guard
from qgp.programmes.facts import related
from qgp.programmes.model import AuditProgramme, ProgrammeItem

MOST_TOLD = 10


@guard("ITEMS")
async def has_items(facts: GuardContext, programme: AuditProgramme) -> str | None:
    """The programme has an item."""
    if await facts.load(related.items, programme.id):
        return None
    return "Nothing is planned. Add an item (programmeItemCreate)."


@guard("ITEMS_DONE")
async def is_done(facts: GuardContext, programme: AuditProgramme) -> Missing:
    """Each item is reported, or dropped with a reason (ISO 19011:2018, 5.6)."""
    items = await facts.load(related.items, programme.id)
    left = [row for row in items if row[2] not in ISSUED]
    return [
        (
            f"No audit of what is planned for {month:%Y-%m} is reported. Report its audit, or drop "
            "the item for a reason.",
            ids.encode(ProgrammeItem.prefix, id),
        )
        for id, month, _ in left[:MOST_TOLD]
    ]
