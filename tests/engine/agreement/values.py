"""Values for arguments: such that hit, such that almost hit, and such that must not hurt."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from graphql.type import get_nullable_type

from tests.engine.agreement.literals import Word
from tests.engine.agreement.sample_data import SampleData, Subject
from tests.engine.agreement.tally import Tally
from tests.engine.agreement.variables import Place, Variables

HOSTILE = (
    "", " ", "'", '"', "\\", "%", "_", "/", "/%", "\\%", "%%_/\\'\"", "' OR 1=1 --", "a\nb", "\t",
    "ä", "a\u0308", "Straße", "STRASSE", "İ", "ı", "\U0001f9ea", "\U0001f469\u200d\U0001f52c",
    "日本語", "null", "$1", ":f0", "{}", "%(x)s", "\\u0041", "x" * 1001, "a" + "\u0308" * 31,
    "\u0001", "\x7f",
)  # fmt: skip
GARBAGE_IDS = (
    "",
    "x",
    "cls_",
    "cls_0",
    "CLS_" + "0" * 32,
    "zzz_" + "0" * 32,
    "1",
    "cls_" + "g" * 32,
)
NUMBERS = (0, 1, 2, 3, 5, 25, 50, 60, 80, 99, 100, 101, -1, 2**31 - 1, -(2**31))
MOST_LEVELS = 3
_JOINED = ("and", "or", "not")

Draw = Callable[[], Any]


class Values:
    """Draws the values of one document; some of them become variables.

    Attributes:
        variables: of the document that is being written.
    """

    def __init__(self, schema: GraphQLSchema, sample: SampleData, tally: Tally) -> None:
        self.schema, self.sample, self.tally = schema, sample, tally
        self.variables = Variables(tally.chance)

    def value_or_variable(
        self, kind: GraphQLInputType, draw: Draw, *, key: object, place: Place = Place.PLAIN
    ) -> Any:
        """Return what `draw` draws, or a variable that stands for it."""
        if self.tally.happens(0.25):
            return self.variables.use(kind, draw, key=key, place=place)
        return draw()

    def of(
        self, kind: GraphQLInputType, subject: Subject, *, level: int = 1, literal: bool = True
    ) -> Any:
        """Draw a value of an input type.

        Args:
            subject: the type and field whose values would hit.
            level: how deep a filter nests here.
            literal: whether it stands in the document, where variables may take its place.
        """
        if not is_non_null_type(kind) and self.tally.happens(0.015):
            return None
        bare = get_nullable_type(kind)
        if is_list_type(bare):
            return self._list(bare, subject, level, literal)
        if isinstance(bare, GraphQLEnumType):
            return Word(self.tally.rarest(bare.name, list(bare.values)))
        if isinstance(bare, GraphQLInputObjectType):
            return self._object(bare, subject, level, literal)
        return self._scalar(get_named_type(bare).name, subject)

    def part(
        self,
        kind: GraphQLInputType,
        subject: Subject,
        *,
        level: int,
        literal: bool,
        place: Place = Place.PLAIN,
    ) -> Any:
        """Draw a value that stands inside another one."""
        if not literal:
            return self.of(kind, subject, level=level, literal=False)
        if self.tally.happens(0.15):
            return self.variables.use(
                kind,
                lambda: self.of(kind, subject, level=level, literal=False),
                key=(subject, level),
                place=place,
            )
        return self.of(kind, subject, level=level)

    def _list(self, kind: GraphQLList[Any], subject: Subject, level: int, literal: bool) -> Any:
        if self.tally.happens(0.06):  # coerced to a list of one
            one = GraphQLNonNull(get_nullable_type(kind.of_type))
            return self.of(one, subject, level=level, literal=literal)
        count = self.tally.chance.choices((0, 1, 2, 3, 6), (5, 40, 30, 20, 5))[0]
        return [
            self.part(kind.of_type, subject, level=level, literal=literal) for _ in range(count)
        ]

    def _object(
        self, kind: GraphQLInputObjectType, subject: Subject, level: int, literal: bool
    ) -> dict[str, Any]:
        drawn, is_strict = {}, _is_one_of(kind)
        for name in self._names(kind, level):
            field = kind.fields[name]
            inner = GraphQLNonNull(get_nullable_type(field.type)) if is_strict else field.type
            drawn[name] = self.part(
                inner,
                self._subject(kind, name, subject),
                level=level + self._nests(kind, name),
                literal=literal,
                place=Place.STRICT if is_strict else place_of(field),
            )
        return drawn

    def _names(self, kind: GraphQLInputObjectType, level: int) -> list[str]:
        """Draw which fields of an input object are given; the required ones are."""
        if _is_one_of(kind):
            return [self.tally.rarest(kind.name, list(kind.fields))]
        required = [n for n, f in kind.fields.items() if is_non_null_type(f.type)]
        for name in required:
            self.tally.note(kind.name, name)
        free = [n for n in kind.fields if n not in required]
        if level >= MOST_LEVELS and self.tally.happens(0.98):
            free = [n for n in free if not self._nests(kind, n)]
        counts = (0, 1, 2, 3) if _is_filter(kind) else (0, 1, 2)
        weights = (4, 62, 24, 10) if _is_filter(kind) else (2, 83, 15)
        count = min(self.tally.chance.choices(counts, weights)[0], len(free))
        drawn = {self.tally.rarest(kind.name, free) for _ in range(count)}
        return required + sorted(drawn)

    def _nests(self, kind: GraphQLInputObjectType, name: str) -> bool:
        return _is_filter(get_named_type(kind.fields[name].type))

    def _subject(self, kind: GraphQLInputObjectType, name: str, outer: Subject) -> Subject:
        """Return whose values would hit in a field of an input object."""
        if name in _JOINED or not (_is_filter(kind) or _is_one_of(kind)):
            return outer
        record = kind.name.removesuffix("Filter").removesuffix("By")
        return self.pointed(record, name)

    def pointed(self, record: str, name: str) -> Subject:
        """Return whose values a condition compares: `parentId` means the id of the `parent`."""
        kind = self.schema.type_map.get(record)
        relation = name.removesuffix("Id")
        if relation != name and isinstance(kind, GraphQLObjectType) and relation in kind.fields:
            return get_named_type(kind.fields[relation].type).name, "id"
        return record, name

    def _scalar(self, kind: str, subject: Subject) -> Any:
        match kind:
            case "ID":
                return self.id(subject[0])
            case "Boolean":
                return self.tally.happens(0.5)
            case "Int":
                return self._met(subject, lambda: self.tally.one(NUMBERS))
            case "Date":
                return self._met(subject, self._day)
            case "DateTime":
                return self._met(subject, self._instant)
        return self._text(subject)

    def _met(self, subject: Subject, else_: Draw) -> Any:
        met = self.sample.values.get(subject)
        return self.tally.one(met) if met and self.tally.happens(0.7) else else_()

    def id(self, kind: str) -> str:
        """Draw an id, mostly one of that type that exists."""
        lot = self.tally.chance.random()
        if lot < 0.25 and (telling := self._telling(kind)):
            return self.tally.one(telling)
        ids = self.sample.values.get((kind, "id")) or self.tally.one(self.sample.ids())
        if lot < 0.72:
            return str(self.tally.one(ids))
        if lot < 0.82:
            return self.tally.one(self.tally.one(self.sample.ids()))
        if lot < 0.90 and (foreign := self.sample.foreign.get((kind, "id"))):
            return str(self.tally.one(foreign))
        if lot < 0.97:
            prefix = str(self.tally.one(ids)).partition("_")[0]
            return f"{prefix}_{self.tally.chance.getrandbits(128):032x}"
        return self.tally.one(GARBAGE_IDS)

    def _telling(self, kind: str) -> list[str]:
        """Return ids of records that have a value where none came back yet."""
        holders = self.sample.holders
        unmet = [name for of, name in holders if of == kind and not self.tally.met[of, name]]
        return holders[kind, self.tally.one(unmet)] if unmet else []

    def _text(self, subject: Subject) -> str:
        met = self.sample.values.get(subject)
        if not met or self.tally.happens(0.15):
            return self.tally.one(HOSTILE)
        text = str(self.tally.one(met))
        lot = self.tally.chance.random()
        if lot < 0.5 or len(text) < 3:
            return text
        if lot < 0.75:
            return text[: self.tally.chance.randint(1, 4)]
        start = self.tally.chance.randrange(len(text) - 1)
        part = text[start : start + self.tally.chance.randint(1, 5)]
        return part.swapcase() if lot > 0.9 else part

    def _day(self) -> str:
        drawn = date(2020, 1, 1) + timedelta(days=self.tally.chance.randrange(4000))
        return self.tally.one((drawn.isoformat(),) * 12 + ("1899-12-31", "2026-02-30", "soon"))

    def _instant(self) -> str:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.tally.chance.randrange(9000))
        zones = ("Z", "z", "+02:00", "-11:30", ".5Z", ".123456789+00:00", "", "+25:00")
        return at.strftime("%Y-%m-%dT%H:%M:%S") + self.tally.one(zones[:1] * 8 + zones)


def place_of(field: GraphQLInputField | GraphQLArgument) -> Place:
    """Return what kind of place an argument or a field of an input is."""
    return Place.PLAIN if field.default_value is Undefined else Place.DEFAULTED


def _is_one_of(kind: GraphQLInputObjectType) -> bool:
    definition = kind.extensions["strawberry-definition"]
    return bool(definition.is_one_of)


def _is_filter(kind: Any) -> bool:
    """Say whether an input type is a register's filter, not one of the operators of a column."""
    return isinstance(kind, GraphQLInputObjectType) and "and" in kind.fields
