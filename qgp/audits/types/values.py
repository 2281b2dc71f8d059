"""GraphQL type of the value of a response."""

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
    """A geographic position in degrees (WGS 84)."""

    latitude: Decimal = column("Latitude, -90 to 90, north positive.")
    longitude: Decimal = column("Longitude, -180 to 180, east positive.")


@object_type
class AnswerValue:
    """The value of a response: only the field that fits the question's type is not null."""

    verdict: AnswerVerdict | None = strawberry.field(
        description="Response to YES_NO, PASS_FAIL and CONFORMITY.", default=None
    )
    options: list[str] | None = plain_list(
        "Keys of the chosen options, for SINGLE and MULTI.", MOST_ROWS, default=None
    )
    number: Decimal | None = strawberry.field(
        description="Response to NUMBER, TEMPERATURE, CALCULATED and RATING.", default=None
    )
    text: str | None = strawberry.field(
        description="Response to TEXT; for PHOTO, SIGNATURE and ASSET a reference to the item.",
        default=None,
    )
    date: datetime.date | None = strawberry.field(description="Response to DATE.", default=None)
    time: str | None = strawberry.field(description="Response to TIME, HH:MM.", default=None)
    user: UserRef | None = belongs_to(user_by_id, "Response to PERSON; null if hidden from you.")
    site: SiteRef | None = belongs_to(site_by_id, "Response to SITE.")
    location: AnswerLocation | None = strawberry.field(description="Response to GPS.", default=None)
    user_id: strawberry.Private[UUID | None] = None
    site_id: strawberry.Private[UUID | None] = None


def value_of(response: AuditResponse) -> AnswerValue | None:
    """Return the value of a response; None where the question is not applicable."""
    if response.value is None:
        return None
    ((kind, stored),) = response.value.items()
    return AnswerValue(**{kind: _READERS[kind](stored)})


_READERS: dict[str, Any] = {
    "verdict": AnswerVerdict,
    "options": list,
    "number": Decimal,
    "text": str,
    "date": datetime.date.fromisoformat,
    "time": str,
    "user_id": lambda stored: ids.split(stored)[1],
    "site_id": lambda stored: ids.split(stored)[1],
    "location": lambda stored: AnswerLocation(
        latitude=Decimal(stored[0]), longitude=Decimal(stored[1])
    ),
}
