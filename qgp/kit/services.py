"""The objects that the application makes once and lends to commands, each under its type."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class ServicesByType:
    """One object of each type."""

    def __init__(self, *services: object) -> None:
        self._by_type = {type(service): service for service in services}

    def __getitem__(self, kind: type[T]) -> T:
        """Return the object of a type.

        Raises:
            LookupError: the application lends none.
        """
        service = self._by_type.get(kind)
        if not isinstance(service, kind):
            raise LookupError(f"The application lends no {kind.__name__}.")
        return service


class HasServices(Protocol):
    """A context or a unit of work."""

    @property
    def services(self) -> ServicesByType:
        """What the application lends."""


NO_SERVICES = ServicesByType()
