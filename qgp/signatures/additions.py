"""Electronic signatures of a record, as a field of it."""

from qgp.kit.gql import Connection, Recorded, adds_to, interface_type, listing
from qgp.kit.subjects import subjects_of
from qgp.signatures.loaders import signatures
from qgp.signatures.model import Signature
from qgp.signatures.refs import SignatureRef


@interface_type
class Signable(Recorded):
    """A record that can be signed electronically (`recordSign`; 21 CFR 11.50).

    A signature seals the version that was signed.
    """

    signatures: Connection[SignatureRef] = listing(
        signatures,
        "Electronic signatures of the record, oldest first, superseded ones included.",
        parent=Signature.subject_id,
    )


@adds_to(*subjects_of(Signature))
class OfSubject(Signable):
    """Signatures of a subject."""
