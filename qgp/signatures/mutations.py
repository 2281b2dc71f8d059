"""Signing a record as it stands; steps that are signed take their signature with them."""

import strawberry

from qgp.kit.gql import (
    SignatureInput,
    command,
    input_field,
    input_type,
    key_field,
    signature_field,
    version_field,
)
from qgp.signatures import model, policy, service
from qgp.signatures.loaders import signature_by_id


@input_type
class RecordSignInput:
    """A record to sign as it stands."""

    record_id: strawberry.ID = input_field(
        "A finding, a CAPA, an action, or what else can be signed.", about=model.Signature
    )
    expected_version: int = version_field()
    signature: SignatureInput = signature_field()
    idempotency_key: str | None = key_field()


record_sign = command(
    service.sign,
    input=RecordSignInput,
    permission=policy.SIGN,
    result=signature_by_id,
    description="Sign a record as it stands, once with each meaning. REVIEWED, APPROVED and "
    "VERIFIED are for others than who wrote or owns it.",
)
