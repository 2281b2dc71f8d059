"""Who made and changed a record, for the types of every module."""

import strawberry

from qgp.kit.gql import FILTER, Recorded, belongs_to
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@strawberry.interface(description="A record, with who created it and who changed it last.")
class Authored(Recorded):
    """A record, with who created it and who changed it last."""

    created_by: UserRef | None = belongs_to(
        user_by_id, "created_by_id", "Who created it; null if it was none of your users.", FILTER
    )
    updated_by: UserRef | None = belongs_to(
        user_by_id,
        "updated_by_id",
        "Who changed it last; null if it was none of your users.",
        FILTER,
    )
