"""Mutation that signs a record; signed transitions take their signature with them."""

import strawberry

from qgp.kit.gql import (
    SignatureInput,
    command,
    input_field,
    input_type,
    key_field,
    signature_field,
)
from qgp.signatures import model, policy, service
from qgp.signatures.loaders import signature_by_id


@input_type
class RecordSignInput:
    """Record to sign in its current version."""

    record_id: strawberry.ID = input_field(
        "Record to sign: a finding, a CAPA, an action or another record with `signatures`.",
        about=model.Signature,
    )
    expected_version: int = input_field("The `version` you read; a stale version is refused.")
    signature: SignatureInput = signature_field()
    idempotency_key: str | None = key_field()


record_sign = command(
    service.sign,
    input=RecordSignInput,
    permission=policy.SIGN,
    result=signature_by_id,
    description="Signs the current version of a record electronically, once with each meaning (21 "
    "CFR 11.50). Segregation of duties: REVIEWED, APPROVED and VERIFIED are not for the record's "
    "creator, owner or lead auditor.",
)
