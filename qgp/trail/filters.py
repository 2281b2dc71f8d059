"""How the trail is filtered and ordered."""

from qgp.kit.gql import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    filters,
    ordering,
    where,
)
from qgp.trail import model
from qgp.trail.kinds import RecordKind


@filters(model.TrailEntry)
class TrailEntryFilter:
    """Conditions on an entry of the trail."""

    record_id: IDFilter | None = where("The record, of whatever type.")
    kind: EnumFilter[RecordKind] | None = where("The type of the record.")
    actor_id: IDFilter | None = where("Who did it; `isNull: true` finds what no user did.")
    action: StringFilter | None = where("The mutation that did it.")
    changed_at: DateTimeFilter | None = where("When it was done.")
    request_id: StringFilter | None = where("The request that did it.")


TrailEntryOrder = ordering(
    "TrailEntry", is_dated=False, sequence="sequence", changed_at="changed_at"
)
