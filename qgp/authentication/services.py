"""Services of the application for signing in, issuing tokens and storing files."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from qgp.authentication.hashing_queue import HashingQueue
from qgp.authentication.passwords import Hasher
from qgp.authentication.sessions import Sessions
from qgp.authentication.tokens import Signer
from qgp.files.config import Files
from qgp.kit.services import HasServices, ServicesByType
from qgp.settings import Settings


@dataclass(frozen=True)
class Services:
    """Services that contexts and units of work provide to modules.

    Attributes:
        files: the file storage.
        refresh_lifetime: lifetime of a refresh token.
        refresh_grace: period in which a used refresh token, or invitation, may be repeated.
        lent: services of modules.
    """

    signer: Signer
    hasher: Hasher = field(default_factory=Hasher)
    hashing_queue: HashingQueue = field(default_factory=HashingQueue)
    files: Files = field(default_factory=Files)
    refresh_lifetime: timedelta = timedelta(days=7)
    refresh_grace: timedelta = timedelta(seconds=10)
    lent: tuple[object, ...] = ()

    @cached_property
    def sessions(self) -> Sessions:
        """The sign-ins cached in this process."""
        return Sessions(self.signer)

    @cached_property
    def by_type(self) -> ServicesByType:
        """The services by type."""
        return ServicesByType(self, self.files, *self.lent)

    @classmethod
    def of(cls, settings: Settings, *lent: object) -> "Services":
        """Build the services from the settings.

        Raises:
            ConfigurationError: JWT_SECRET_KEY is not set.
        """
        lifetime = timedelta(minutes=settings.jwt_access_token_expire_minutes)
        signer = Signer(settings.jwt_keys, algorithm=settings.jwt_algorithm, lifetime=lifetime)
        return cls(
            signer,
            files=Files.of(settings),
            refresh_lifetime=timedelta(days=settings.jwt_refresh_token_expire_days),
            refresh_grace=timedelta(seconds=settings.refresh_grace_seconds),
            lent=lent,
        )


def services_of(reads: HasServices) -> Services:
    """Return the services of a context or unit of work."""
    return reads.services[Services]
