"""Variables of a document: declared where a value stands, drawn anew for every request."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from graphql import GraphQLInputType, is_non_null_type

from tests.engine.agreement.literals import Use, spelled

ABSENT = object()
Draw = Callable[[], Any]


class Place(Enum):
    """Position of a variable, on which its declared type depends."""

    PLAIN = auto()
    DEFAULTED = auto()  # the schema has a default, so that null may arrive where none may be
    STRICT = auto()  # in a one-of input, which takes no variable that may be null


@dataclass(frozen=True)
class Variable:
    """One variable.

    Attributes:
        default: as the document spells it; empty for none.
        draw: makes a value that fits the place it was declared for.
    """

    name: str
    type: str
    default: str
    draw: Draw

    @property
    def declared(self) -> str:
        """Its declaration in an operation."""
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default else "")

    def value(self, chance: random.Random) -> Any:
        """Draw what a request gives for it: mostly a fitting value, else nothing or null."""
        lot = chance.random()
        if self.default:
            missing, null = 0.4, 0.03
        elif self.type.endswith("!"):
            missing, null = 0.004, 0.004
        else:
            missing, null = 0.08, 0.06
        if lot < missing:
            return ABSENT
        if lot < missing + null:
            return None
        if lot > 0.997:
            return chance.choice(_UNFIT)
        return self.draw()


_UNFIT: list[Any] = [{"nothing": 1}, [[]], "\ud83d\ude00 \" ' \\", -1.5, 2**40, True, ""]


class Variables:
    """The variables of one document; `used` holds those of what is being written."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._places: dict[tuple[str, object], Variable] = {}
        self.declared: dict[str, Variable] = {}
        self.used: set[str] = set()

    def use(self, kind: GraphQLInputType, draw: Draw, *, key: object, place: Place) -> Use:
        """Put a variable where a value of that type goes.

        Args:
            key: places of one type and key may share a variable.
        """
        shared = self._places.get((str(kind), key))
        if shared is None or self._chance.random() < 0.5:
            shared = self._declare(kind, draw, place)
            self._places[str(kind), key] = shared
        self.used.add(shared.name)
        return Use(shared.name)

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """Draw what a request gives for these variables, and now and then for one too many."""
        drawn = {name: self.declared[name].value(self._chance) for name in sorted(names)}
        if self._chance.random() < 0.02:
            drawn["nobodyAsked"] = 1
        return {name: value for name, value in drawn.items() if value is not ABSENT}

    def _declare(self, kind: GraphQLInputType, draw: Draw, place: Place) -> Variable:
        lot, type = self._chance.random(), str(kind)
        default = ""
        if not is_non_null_type(kind):
            type += "!" if lot < 0.3 else ""
            default = spelled(draw()) if 0.2 < lot < 0.45 else ""
        elif place is not Place.STRICT and lot < 0.2:
            type, default = type[:-1], spelled(draw())
        elif place is Place.DEFAULTED and lot < 0.5:
            type = type[:-1]
        variable = Variable(f"v{len(self.declared)}", type, default, draw)
        self.declared[variable.name] = variable
        return variable
