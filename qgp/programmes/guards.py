"""Guards of the audit programme workflow, which read its items."""

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
    return (
        "The programme has no items. It needs at least one before it is approved; add one "
        "(programmeItemCreate)."
    )


@guard("ITEMS_DONE")
async def is_done(facts: GuardContext, programme: AuditProgramme) -> Missing:
    """Each item is reported, or dropped with a reason (ISO 19011:2018, 5.6)."""
    items = await facts.load(related.items, programme.id)
    left = [row for row in items if row[2] not in ISSUED]
    return [
        (
            f"The item planned for {month:%Y-%m} has no audit report. Each item is reported "
            "or dropped before the programme is closed; issue the report (auditIssueReport), "
            "or drop the item with a reason (programmeItemDrop).",
            ids.encode(ProgrammeItem.prefix, id),
        )
        for id, month, _ in left[:MOST_TOLD]
    ]
