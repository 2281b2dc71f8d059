"""What was answered, as clients see it."""

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from qgp.audits.model import AuditResponse
from qgp.audits.model.terms import AnswerVerdict
from qgp.kit import ids
from qgp.kit.gql import belongs_to, column, object_type, plain_list
from qgp.kit.loader import MOST_ROWS
from qgp.organizations.loaders import site_by_id
from qgp.organizations.refs import SiteRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@object_type
class AnswerLocation:
    """A place on earth, in degrees (WGS 84)."""

    latitude: Decimal = column("From -90 to 90, north is above 0.")
    longitude: Decimal = column("From -180 to 180, east is above 0.")


@object_type
class AnswerValue:
    """What was answered: the one field that fits the question's type is there."""

    verdict: AnswerVerdict | None = strawberry.field(
        description="To YES_NO, PASS_FAIL and CONFORMITY.", default=None
    )
    options: list[str] | None = plain_list(
        "Keys of the options chosen, to SINGLE and MULTI.", MOST_ROWS, default=None
    )
    number: Decimal | None = strawberry.field(
        description="To NUMBER, TEMPERATURE, CALCULATED and RATING.", default=None
    )
    text: str | None = strawberry.field(
        description="To TEXT; to PHOTO, SIGNATURE and ASSET, what tells where it is.", default=None
    )
    date: datetime.date | None = strawberry.field(description="To DATE.", default=None)
    time: str | None = strawberry.field(description="To TIME, as HH:MM.", default=None)
    user: UserRef | None = belongs_to(user_by_id, "To PERSON; null if hidden from you.")
    site: SiteRef | None = belongs_to(site_by_id, "To SITE.")
    location: AnswerLocation | None = strawberry.field(description="To GPS.", default=None)
    user_id: strawberry.Private[UUID | None] = None
    site_id: strawberry.Private[UUID | None] = None


def value_of(response: AuditResponse) -> AnswerValue | None:
    """Return what was answered; None where the question does not apply."""
    if response.value is None:
        return None
    ((kind, told),) = response.value.items()
    return AnswerValue(**{kind: _READERS[kind](told)})


_READERS: dict[str, Any] = {
    "verdict": AnswerVerdict,
    "options": list,
    "number": Decimal,
    "text": str,
    "date": datetime.date.fromisoformat,
    "time": str,
    "user_id": lambda told: ids.split(told)[1],
    "site_id": lambda told: ids.split(told)[1],
    "location": lambda told: AnswerLocation(latitude=Decimal(told[0]), longitude=Decimal(told[1])),
}
