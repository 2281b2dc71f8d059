"""Descriptions of the schema: articles, and each rule stated once."""

import re

from tests.kit.built import elements


def _matching(pattern: str) -> list[str]:
    return [name for name, element in elements() if re.search(pattern, element.description or "")]


def test_an_stands_before_vowels_and_a_before_consonants() -> None:
    assert _matching(r"\b[Aa] (?!one\b)[aeioAEIO]") == []
    assert _matching(r"\b[Aa]n [bcdfgjklmnpqrstvwxyz]") == []


def test_a_description_names_its_audience_in_one_sentence() -> None:
    assert _matching(r"(?s)(?:^|\. )For .*\. For ") == []


def test_a_mutation_states_segregation_of_duties_once() -> None:
    repeated = _matching(r"(?s)Segregation of duties.*Segregation of duties")
    assert [name for name in repeated if name.startswith("Mutation.")] == []


def test_a_bound_is_stated_once() -> None:
    assert _matching(r"(?s)at most ([\d,]+)\b.*at most \1\b") == []


def test_a_sentence_about_a_record_writes_capa_as_an_abbreviation() -> None:
    assert _matching(r"\bThe Capa\b|\bthe Capa\.|\b[Aa] capa\b") == []


def test_prose_calls_a_record_by_its_words_not_by_the_name_of_its_type() -> None:
    prose = {name: re.sub(r"`[^`]*`", "", one.description or "") for name, one in elements()}
    types = re.compile(r"\b(?!(GraphQL|WebP|WebSockets?)\b)[A-Z][a-z]+[A-Z]\w*")
    assert [name for name, text in prose.items() if types.search(text)] == []
