"""The objects that the application makes once and lends to commands, each under its type."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class ServicesByType:
    """One object of each type."""

    def __init__(self, *services: object) -> None:
        self._services = services

    def __getitem__(self, kind: type[T]) -> T:
        """Return the object of a type.

        Raises:
            LookupError: the application lends none.
        """
        service = self.get(kind)
        if service is None:
            raise LookupError(f"The application lends no {kind.__name__}.")
        return service

    def get(self, kind: type[T]) -> T | None:
        """Return the object of a type, or None where the application lends none."""
        return next((service for service in self._services if isinstance(service, kind)), None)

    def with_(self, service: object) -> "ServicesByType":
        """Return these and another one."""
        return ServicesByType(*self._services, service)


class HasServices(Protocol):
    """A context or a unit of work."""

    @property
    def services(self) -> ServicesByType:
        """What the application lends."""


NO_SERVICES = ServicesByType()
