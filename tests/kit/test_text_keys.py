"""Keys of texts: without case and accents, numbers by value, the same in Python and SQL."""

import unicodedata
from collections.abc import Callable
from typing import cast

import pytest
import sqlalchemy as sa

from qgp.kit.model import records
from qgp.kit.text_keys import LAST, TEXT_KEY, key_columns, search_key, sort_key
from tests.company import Company
from tests.kit.work import work_of

SURROGATES = range(0xD800, 0xE000)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Łódź", "lodz"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ΟΔΟΣ", "οδοσ"),
        ("οδος", "οδοσ"),
        ("Ærø", "aero"),
        ("ﬁlter", "filter"),
        ("Ｆｕｌｌ", "full"),
        ("İzmir", "izmir"),
        ("Ünal", "unal"),
        ("U\u0308nal", "unal"),
        ("٣", "3"),
        ("が", "が"),
        ("한국", "한국"),
        ("100% a_b", "100% a_b"),
    ],
)
def test_a_search_key_has_neither_case_nor_accents(text: str, key: str) -> None:
    assert search_key(text) == key


def test_sort_keys_order_as_people_do() -> None:
    texts = ["S10", "Zebra", "ananas", "S2", "Ärger", "Łódź", "S 3", "Angst", "s007", "S1"]
    ordered = ["ananas", "Angst", "Ärger", "Łódź", "S 3", "S1", "S2", "s007", "S10", "Zebra"]
    assert sorted(texts, key=sort_key) == ordered
    references = [f"GP-2026-{number:04d}" for number in (1, 999, 1000, 9999, 10000, 10010)]
    assert sorted(references, key=sort_key) == references


def test_a_sort_key_fits_into_an_index() -> None:
    assert len(sort_key("1 " * 5_000)) == 300


def stands_for_its_like(code: int) -> bool:
    """Tell whether a character is one of few whose key is the character, or has one of its own."""
    kind, character = unicodedata.category(chr(code)), chr(code)
    is_plain = kind in {"Lo", "Cn", "Co"} and not unicodedata.decomposition(character)
    return not is_plain or code % 64 == 0


@pytest.mark.parametrize(
    "is_asked",
    [stands_for_its_like, pytest.param(lambda _: True, marks=pytest.mark.exhaustive)],
    ids=["of each kind", "all"],
)
async def test_the_database_makes_the_same_key_of_every_character(
    company: Company, is_asked: Callable[[int], bool]
) -> None:
    codes = [code for code in range(1, LAST + 1) if code not in SURROGATES and is_asked(code)]
    characters = [*map(chr, codes)]
    texts = ["".join(characters[start : start + 64]) for start in range(0, len(characters), 64)]
    texts += ["S10", "007 and 7", "1 " * 500, "9" * 25, "", "Łódź 2", "'quoted' 10:30 \\ %"]
    async with work_of(company) as work:
        for start in range(0, len(texts), 128):  # one statement would take longer than it may
            part = texts[start : start + 128]
            unnested = sa.func.unnest(sa.literal(part, sa.ARRAY(sa.Text))).column_valued(
                "character"
            )
            statement = sa.select(sa.func.search_key(unnested), sa.func.sort_key(unnested))
            rows = [tuple(row) for row in await work.tuples(statement)]
            assert rows == [(search_key(text), sort_key(text)) for text in part]


async def test_every_text_with_a_key_has_a_trigger_that_makes_it(company: Company) -> None:
    bodies = sa.text("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'make_keys_of_%'")
    async with work_of(company) as work:
        triggers = {row[0]: row[1] for row in await work.session.execute(bodies)}
    kept = {
        (table, name)
        for table, model in records().items()
        for column in cast(sa.Table, model.__table__).columns
        if TEXT_KEY in column.info
        for name in key_columns(column)
    }
    assert len(kept) > 80
    for table, name in kept:
        assert f"NEW.{name} := " in triggers[f"make_keys_of_{table}"], (table, name)
