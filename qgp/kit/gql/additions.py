"""Fields that one module adds to the types of others: a type need not know who points at it."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from qgp.kit.gql.fields import TYPES
from qgp.kit.loader import One

T = TypeVar("T")


def adds_to(*owners: One[Any]) -> Callable[[type[T]], type[T]]:
    """Add the class's fields to the types of the records that the loaders read.

    `@adds_to(finding_by_id, capa_by_id)` stands over a class whose body is like that of a type.
    The types have to be declared by now, and the schema not yet made: `qgp.schema` imports the
    files named `additions` after all others.

    Raises:
        ValueError: a type has a field of that name already.
    """

    def decorate(cls: type[T]) -> type[T]:
        made = strawberry.type(cls).__strawberry_definition__  # type: ignore[attr-defined]
        for owner in owners:
            own = TYPES[owner.model].__strawberry_definition__.fields  # type: ignore[attr-defined]
            if twice := {f.python_name for f in own} & {f.python_name for f in made.fields}:
                raise ValueError(f"{owner.model.__name__} has {', '.join(sorted(twice))} already")
            own.extend(made.fields)
        return cls

    return decorate
