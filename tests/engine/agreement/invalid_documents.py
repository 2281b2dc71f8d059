"""Invalid documents, which both paths must refuse with the same message."""

import random
import re
from collections.abc import Callable

Spoil = Callable[[str, random.Random], str]


def make_invalid(text: str, chance: random.Random) -> str:
    """Return the document with one thing wrong in it."""
    return chance.choice(_SPOILS)(text, chance)


def _at_a_brace(added: str) -> Spoil:
    def spoil(text: str, chance: random.Random) -> str:
        places = [match.end() for match in re.finditer(r"\{ ", text)] or [0]
        place = chance.choice(places)
        return text[:place] + added + " " + text[place:]

    return spoil


def _without_a(mark: str) -> Spoil:
    def spoil(text: str, chance: random.Random) -> str:
        places = [match.start() for match in re.finditer(re.escape(mark), text)]
        if not places:
            return text + mark
        place = chance.choice(places)
        return text[:place] + text[place + 1 :]

    return spoil


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def _after(added: str) -> Spoil:
    return lambda text, _: f"{text}\n{added}"


_SPOILS: tuple[Spoil, ...] = (
    _at_a_brace("nmae"),
    _at_a_brace("id: __typename id: id"),
    _at_a_brace("name { id }"),
    _at_a_brace("nodes"),
    _at_a_brace("...Missing"),
    _at_a_brace("... on Nothing { id }"),
    _at_a_brace("... on Site { id }"),
    _at_a_brace("id @skip"),
    _at_a_brace('id @include(if: "yes")'),
    _at_a_brace("id @nothing"),
    _at_a_brace("id @skip(if: $undeclared)"),
    _at_a_brace("sites(first: $undeclared) { totalCount }"),
    _at_a_brace('sites(filter: {code: {eqq: "x"}}) { totalCount }'),
    _at_a_brace("sites(filter: {code: {eq: 1}}) { totalCount }"),
    _at_a_brace("sites(orderBy: [{field: SIZE}]) { totalCount }"),
    _at_a_brace('site(by: {id: "x", code: "y"}) { id }'),
    _at_a_brace("site(by: {}) { id }"),
    _at_a_brace("site { id }"),
    _at_a_brace("sites(first: 1, first: 2) { totalCount }"),
    _at_a_brace('same: site(by: {code: "HQ"}) { id } same: site(by: {code: "BER"}) { id }'),
    _after("fragment Unused on Site { id }"),
    _after("fragment Circle on Site { parent { ...Circle } }"),
    _after("query Op0 { __typename }"),
    _after("query Another($unused: Int) { __typename }"),
    _after("mutation Change { logout { errors { code } } }"),
    _after("subscription Listen { nothing }"),
    _after("type Added { id: ID }"),
    _without_a("{"),
    _without_a("}"),
    _without_a(")"),
    _without_a("$"),
    _without_a("!"),
    _cut,
)
