"""What the mutations of CAPAs and their analyses take."""

import strawberry

from qgp.kit.gql import given, key_field, version_field


class CapaCreateFields:
    """Fields of a new record beside those of its type."""

    finding_ids: list[strawberry.ID] = given(
        "The findings behind it; at most 50.", id_of="fnd", default_factory=list
    )


class CapaUpdateFields:
    """Fields of a change beside those of the type."""

    reason: str | None = given("Why, for the trail.", most=2000, default=None)


@strawberry.input(description="A finding to link to a CAPA as its source.")
class CapaLinkFindingInput:
    """A finding to link."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding behind it.", id_of="fnd")
    idempotency_key: str | None = key_field()


@strawberry.input(description="A finding that is not behind a CAPA after all.")
class CapaUnlinkFindingInput:
    """A finding to unlink."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    finding_id: strawberry.ID = given("The finding that is linked.", id_of="fnd")
    idempotency_key: str | None = key_field()
