"""What the mutations of CAPAs and their analyses take."""

import strawberry

from qgp.capas.enums import (
    CapaResult,
)
from qgp.kit.gql import PROSE, SignatureInput, given, key_field, signature_field, version_field


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


@strawberry.input(description="The Capa to close, and how effective it was.")
class CapaCloseInput:
    """A CAPA to close."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    result: CapaResult = given("EFFECTIVE, or PARTIAL with a note; for INEFFECTIVE use `capaFail`.")
    result_note: str | None = given("What was seen.", most=PROSE, default=None)
    waiver_reason: str | None = given(
        "Why the end of the window need not be awaited.", most=2000, default=None
    )
    signature: SignatureInput | None = signature_field(default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="The Capa that did not work, and what was seen.")
class CapaFailInput:
    """A CAPA that did not work."""

    id: strawberry.ID = given("The CAPA.", id_of="cap")
    expected_version: int = version_field()
    result_note: str = given("What was seen, 1 to 2000 characters.", most=2000)
    idempotency_key: str | None = key_field()
