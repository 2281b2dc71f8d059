"""Services of the application for commands, looked up by type."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class ServicesByType:
    """Registry of services, one of each type."""

    def __init__(self, *services: object) -> None:
        self._services = services

    def __getitem__(self, kind: type[T]) -> T:
        """Return the service of a type.

        Raises:
            LookupError: there is none.
        """
        service = self.get(kind)
        if service is None:
            raise LookupError(f"There is no service of type {kind.__name__}.")
        return service

    def get(self, kind: type[T]) -> T | None:
        """Return the service of a type, or None."""
        return next((service for service in self._services if isinstance(service, kind)), None)

    def with_(self, *services: object) -> "ServicesByType":
        """Return a registry with further services."""
        return ServicesByType(*self._services, *services)


class HasServices(Protocol):
    """Context or unit of work, which has services."""

    @property
    def services(self) -> ServicesByType:
        """The services of the application."""


NO_SERVICES = ServicesByType()
