"""Root fields that read and verify electronic signatures."""

from typing import Annotated, Any

import strawberry

from qgp.kit import ids
from qgp.kit.gql import Connection, Info, Requires, argument, listing, lookup
from qgp.signatures import loaders, model, policy
from qgp.signatures.facts.verification import is_content_unchanged
from qgp.signatures.loaders import signature_by_id
from qgp.signatures.types import Signature, SignatureVerification


async def _verify(
    info: Info, signature_id: Annotated[strawberry.ID, argument("Signature to verify.")]
) -> SignatureVerification | None:
    id = ids.decode(model.Signature.prefix, signature_id, "signatureId")
    signature: Any = await info.context.load(signature_by_id, id)
    if signature is None:
        return None
    return SignatureVerification(
        signature_id=signature.id,
        is_intact=signature.sha256 == model.signature_digest(signature),
        is_content_unchanged=await is_content_unchanged(info.context, signature),
    )


_verification: Any = strawberry.field(
    _verify,
    description="Verification of an electronic signature against the record that it seals; null if "
    "hidden from you.",
    extensions=[Requires(policy.READ)],
)


@strawberry.type
class Query:
    """Root reads."""

    signature: Signature | None = lookup("One electronic signature.", id=signature_by_id)
    signatures: Connection[Signature] | None = listing(
        loaders.signatures,
        "Electronic signatures of all records that are visible to you, oldest first.",
    )
    signature_verify: SignatureVerification | None = _verification
