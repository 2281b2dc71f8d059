"""Signatures, shown by whatever was signed."""

from qgp.kit.gql import Connection, adds_to, listing
from qgp.kit.subjects import subjects_of
from qgp.signatures.loaders import signatures
from qgp.signatures.model import Signature
from qgp.signatures.refs import SignatureRef


@adds_to(*subjects_of(Signature))
class OfSubject:
    """What a subject shows of signatures."""

    signatures: Connection[SignatureRef] = listing(
        signatures,
        "Who signed it, in which version, oldest first; superseded ones stay.",
        parent=Signature.subject_id,
    )
