"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.signatures.types import Signature

SignatureRef = Annotated["Signature", strawberry.lazy("qgp.signatures.types")]
