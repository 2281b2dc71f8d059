"""Interface of the records that a CSV import can create."""

from datetime import datetime

from qgp.kit.gql.fields import Recorded, column, interface_type
from qgp.kit.gql.uses import CREATE, FILTER, LISTED


@interface_type
class Imported(Recorded):
    """Record that a CSV import can create."""

    legacy_reference: str | None = column(
        "Reference of the record in the system or file that it comes from, unique among the "
        "records of its kind, by which an import recognizes it; null if none.",
        CREATE | FILTER,
        max_length=100,
    )
    imported_at: datetime | None = column(
        "Instant of the CSV import that created the record. A record imported as ended has not "
        "taken the steps of its workflow, nor passed their guards; null if it was not imported.",
        LISTED,
    )
