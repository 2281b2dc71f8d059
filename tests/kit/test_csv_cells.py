"""Cells of CSV: nothing in them is a formula, and what was written is read."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qgp.kit.csv_cells import escaped, line, unescaped, written
from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.policy import Role

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'=+-@\t\r\n\",; "))


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_as_a_formula_is_written_behind_an_apostrophe(text: str) -> None:
    assert escaped(text).startswith("'")
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a;=2+3;b", "a;'=2+3;b"),
        ('a";=2+3;"b', 'a";\'=2+3;"b'),
        ("a\t@A1", "a\t'@A1"),
        ("a\n=2+3", "a\n'=2+3"),
        ("a, -5", "a,' -5"),
        ("a|+1", "a|'+1"),
        ('"=1', "\"'=1"),
        ("a;'=1", "a;''=1"),
        ("a\u2028=1", "a\u2028'=1"),
    ],
)
def test_a_part_after_any_separator_that_begins_as_a_formula_is_escaped(
    text: str, cell: str
) -> None:
    assert escaped(text) == cell
    assert unescaped(cell) == text


@pytest.mark.parametrize("text", ["'=1", "''-1"])
def test_what_would_look_escaped_is_escaped_once_more(text: str) -> None:
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", ["", "a=1", "'", "'quoted'", "''", "1-1", "1 =1", "a@b.example"])
def test_any_other_text_is_written_as_it_is(text: str) -> None:
    assert escaped(text) == unescaped(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (-5, "-5"),
        (True, "true"),
        (False, "false"),
        ("-5", "'-5"),
        (Role.LEAD_AUDITOR, "LEAD_AUDITOR"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 30, 0, 120_000, UTC), "2026-03-01T09:30:00.120000Z"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01T09:30:00.000000Z"),
        (Decimal("-12.500000"), "-12.5"),
        ([Role.OWNER, Role.ADMIN], "OWNER; ADMIN"),
        (["a", "=1"], "a;' =1"),
        ([], ""),
    ],
)
def test_values_are_written_by_their_kind(value: object, cell: str) -> None:
    assert written(value) == cell


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (["a", "", "b c"], "a,,b c\r\n"),
        (["a,b", 'say "no"', "c;d"], '"a,b","say ""no""","c;d"\r\n'),
        (["a\nb", "a\tb", " a", "a "], '"a\nb","a\tb"," a","a "\r\n'),
        ([""], '""\r\n'),
        (["", ""], ",\r\n"),
    ],
)
def test_cells_are_quoted_where_a_reader_could_split_or_trim_them(
    cells: list[str], text: str
) -> None:
    assert line(cells) == text


def test_a_line_has_the_chosen_delimiter() -> None:
    assert line(["a,b", "c;d", "e"], CsvDelimiter.SEMICOLON) == '"a,b";"c;d";e\r\n'


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=5))
@example([["'=", "\r\n", '"'], ["'", "''=", "\ufeff"]])
def test_every_text_comes_back_and_none_is_a_formula(rows: list[list[str]]) -> None:
    text = "".join(line(map(written, row)) for row in rows)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[unescaped(cell) for cell in row] for row in read] == rows
    assert not any(cell.startswith(tuple("=+-@\t\r\n")) for row in read for cell in row)
    assert not re.search('(^|[,;\t\r\n"])[=+@-]', text)


@given(TEXTS, TEXTS)
def test_two_texts_never_look_the_same(one: str, other: str) -> None:
    assert (escaped(one) == escaped(other)) == (one == other)
