"""Certificates of an authority of the tests' own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the tests, and its certificates in a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @classmethod
    def at(cls, folder: Path) -> "Authority":
        """Make an authority, with its certificate `root.crt` in the folder."""
        folder.mkdir(exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tests")])
        authority = cls(folder, key, name)
        root = authority._certificate(name, key, x509.BasicConstraints(ca=True, path_length=0))
        (folder / "root.crt").write_bytes(root)
        return authority

    def issue(self, subject: str, *names: x509.GeneralName, password: str = "") -> None:
        """Write `<subject>.crt` and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
        extension = x509.SubjectAlternativeName(names or [x509.DNSName(subject)])
        (self.folder / f"{subject}.crt").write_bytes(self._certificate(name, key, extension))
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        private = self.folder / f"{subject}.key"
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        private.chmod(0o600)

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(self.name, name, key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(hours=1))
        builder = builder.not_valid_after(now + timedelta(days=1))
        signed = builder.add_extension(extension, critical=True).sign(self.key, hashes.SHA256())
        return signed.public_bytes(Encoding.PEM)
