"""How signatures are filtered and ordered."""

from qgp.kit.gql import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    where,
)
from qgp.kit.signing import Meaning
from qgp.signatures import model


@filters(model.Signature)
class SignatureFilter:
    """Conditions on a signature."""

    id: IDFilter | None = where("The signature.")
    subject_id: IDFilter | None = where("The record that was signed.")
    subject_version: IntFilter | None = where("The version that was signed.")
    signer_id: IDFilter | None = where("Who signed.")
    meaning: EnumFilter[Meaning] | None = where("What was meant by it.")
    action: StringFilter | None = where("The mutation that took it.")
    signed_at: DateTimeFilter | None = where("When it was signed.")


SignatureOrder = ordering("Signature", signed_at="signed_at", meaning="meaning")
