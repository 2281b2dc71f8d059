"""Paging arguments of a list: the requested page, checked."""

from dataclasses import dataclass

from qgp.kit.errors import Invalid


@dataclass(frozen=True)
class Paging:
    """Number of rows of a page: by default, and at the most."""

    default: int = 25
    most: int = 100


PAGING = Paging()


class DefaultSize(int):
    """Default of `first` in the schema.

    graphql-core inserts a default before a resolver runs. The class distinguishes it from the same
    number in a request, so that `last` alone is valid.
    """


@dataclass(frozen=True)
class PageBounds:
    """Requested page of an ordered list: `size` rows after or before a cursor, from either end."""

    size: int
    backward: bool = False
    cursor: str | None = None


def page_bounds(
    paging: Paging,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> PageBounds:
    """Read the paging arguments of a connection; the default of `first` yields to `last`, `before`.

    Raises:
        Invalid: a size is below 0 or above the most, or both directions are requested.
    """
    if isinstance(first, DefaultSize):
        first = None
    if first is not None and last is not None:
        raise Invalid("`first` and `last` exclude each other. Send one of them.", "last")
    if (after is not None and last is not None) or (before is not None and first is not None):
        message = "`after` belongs to `first`, and `before` to `last`. Send a matching pair."
        raise Invalid(message, "before")
    backward = last is not None or before is not None
    name, size = ("last", last) if backward else ("first", first)
    if size is None:
        size = paging.default
    if not 0 <= size <= paging.most:
        message = f"`{name}` is {size}; it must be between 0 and {paging.most}. Change it."
        raise Invalid(message, name)
    return PageBounds(size, backward, before if backward else after)
