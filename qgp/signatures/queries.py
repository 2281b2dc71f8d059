"""Reading and verifying signatures."""

from typing import Annotated, Any

import sqlalchemy as sa
import strawberry

from qgp.kit import ids, signing
from qgp.kit.gql import Connection, Info, Requires, listing, lookup
from qgp.kit.gql.fields import argument
from qgp.kit.subjects import loader_of
from qgp.signatures import loaders, model, policy
from qgp.signatures.loaders import signature_by_id
from qgp.signatures.types import Signature, SignatureVerification


async def _verify(
    info: Info, signature_id: Annotated[strawberry.ID, argument("The signature.")]
) -> SignatureVerification | None:
    id = ids.decode(model.Signature.prefix, signature_id, "signatureId")
    found: Any = await info.context.load(signature_by_id, id)
    if found is None:
        return None
    kind = loader_of(found.subject_type).model
    rows = await info.context.rows(sa.select(kind).where(kind.id == found.subject_id))
    contents = [await signing.content(info.context, row) for row in rows]
    return SignatureVerification(
        signature_id=found.id,
        is_intact=found.sha256 == model.seal_of(found),
        is_content_unchanged=found.content_sha256 in map(model.content_of, contents),
    )


_verification: Any = strawberry.field(
    _verify,
    description="Compare a signature with the record that it seals; null if hidden from you.",
    extensions=[Requires(policy.READ)],
)


@strawberry.type
class Query:
    """Root reads."""

    signature: Signature | None = lookup("One signature.", id=signature_by_id)
    signatures: Connection[Signature] | None = listing(
        loaders.signatures, "Who signed whatever you see, oldest first."
    )
    signature_verify: SignatureVerification | None = _verification
