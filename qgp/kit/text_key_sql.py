"""SQL of the keys of `qgp.kit.text_keys`: two functions, and a trigger for each table.

Migrations call these functions, so the SQL that one of them emits never changes.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from qgp.kit.text_keys import LAST, NUMBER_WIDTH, SORTED_LENGTH, search_key

_SURROGATES = range(0xD800, 0xE000)
_BETWEEN = "\x1f"  # occurs in no key
_LONG = 64  # characters
_VARIED_CATEGORIES = ("Ll", "Nd")  # small letters, which may have strokes or hooks, and digits
_PLANES = ((0x80, _SURROGATES.start - 1), (_SURROGATES.stop, LAST))
_SEARCH_KEY = """
CREATE OR REPLACE FUNCTION search_key(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  key text := lower(value COLLATE "C");{rest}
  letter text;
  place integer;
BEGIN
  IF octet_length(key) = length(key) THEN
    RETURN key;
  END IF;
{letters}
    place := position(letter IN '{singles}');
    IF place > 0 THEN
      key := replace(key, letter, substr('{single_keys}', place, 1));
    ELSE
      place := position(letter IN '{others}');
      IF place > 0 THEN
        key := replace(key, letter, split_part('{other_keys}', '{between}', place));
      END IF;
    END IF;
  END LOOP;
  RETURN key;
END $$
"""
_BY_STATEMENT = """\
  FOR letter IN SELECT DISTINCT matched.parts[1]
    FROM regexp_matches(key, '[^\\x01-\\x7f]', 'g') AS matched (parts)
  LOOP"""
_REST = """
  rest text := key;"""
_BY_LETTER = """\
  LOOP
    letter := substring(rest FROM '[^\\x01-\\x7f{kept}]');
    EXIT WHEN letter IS NULL;
    rest := replace(rest, letter, '');"""
SORT_KEY_BY_PATTERN = f"""
CREATE OR REPLACE FUNCTION sort_key(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  key text := search_key(value);
BEGIN
  IF key ~ '[0-9]' THEN
    key := regexp_replace(key, '([0-9]+)', '{"0" * NUMBER_WIDTH}\\1', 'g');
    key := regexp_replace(key, '0{{0,{NUMBER_WIDTH}}}([0-9]{{{NUMBER_WIDTH},}})', '\\1', 'g');
  END IF;
  RETURN left(key, {SORTED_LENGTH});
END $$
"""

# The same key, number by number: patterns with counts took 95 µs for a reference, this takes 7.
SORT_KEY_BY_NUMBER = f"""
CREATE OR REPLACE FUNCTION sort_key(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  rest text := search_key(value);
  key text := '';
  digits text;
  place integer;
BEGIN
  LOOP
    digits := substring(rest FROM '[0-9]+');
    EXIT WHEN digits IS NULL OR length(key) >= {SORTED_LENGTH};
    place := position(digits IN rest);
    key := key || left(rest, place - 1)
      || lpad(digits, greatest({NUMBER_WIDTH}, length(digits)), '0');
    rest := substr(rest, place + length(digits));
  END LOOP;
  RETURN left(key || rest, {SORTED_LENGTH});
END $$
"""


@cache
def functions() -> Sequence[str]:
    """Return the SQL that creates `search_key` and `sort_key`, as in `qgp.kit.text_keys`."""
    return _search_key(_BY_STATEMENT), SORT_KEY_BY_PATTERN


@cache
def search_key_by_letter() -> str:
    """Return the SQL of the same `search_key`, which takes letters without a statement of its own.

    It takes half the time for a text with a few umlauts, and 1 µs in place of a millisecond for a
    title in Chinese, since it passes over scripts whose letters are their own keys.
    """
    return _search_key(_BY_LETTER.format(kept=_runs_without_keys()), _REST)


def _search_key(letters: str, rest: str = "") -> str:
    varied = _varied()
    singles = {character: key for character, key in varied.items() if len(key) == 1}
    others = {character: key for character, key in varied.items() if len(key) != 1}
    return _SEARCH_KEY.format(
        letters=letters,
        rest=rest,
        singles="".join(singles),
        single_keys=_quoted("".join(singles.values())),
        others="".join(others),
        other_keys=_quoted(_BETWEEN.join(others.values())),
        between=_BETWEEN,
    )


@cache
def _varied() -> Mapping[str, str]:
    """Return the characters beyond ASCII whose key is another text, with their keys."""
    characters = (chr(code) for code in range(0x80, LAST + 1) if code not in _SURROGATES)
    keys = {character: search_key(character) for character in characters if _may_vary(character)}
    return {character: key for character, key in keys.items() if key != character}


def _may_vary(character: str) -> bool:
    """Whether a character may have another key than itself, as an ideograph never has."""
    return (
        unicodedata.category(character) in _VARIED_CATEGORIES
        or unicodedata.combining(character) != 0
        or unicodedata.decomposition(character) != ""
        or character.casefold() != character
    )


def _runs_without_keys() -> str:
    """Return long ranges of characters that are their own keys, for a bracket expression."""
    stops = [0x80, *map(ord, _varied()), LAST + 1]
    runs = [(before + 1, after - 1) for before, after in pairwise(stops)]
    parts = [(max(first, low), min(last, high)) for first, last in runs for low, high in _PLANES]
    long = [(first, last) for first, last in parts if last - first >= _LONG]
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in long)


def keys(
    searched: Sequence[str] = (),
    sorted: Sequence[str] = (),
    computed: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """Return the SQL that makes each key column of the row NEW, by name of the column.

    Args:
        searched: texts that are only searchable.
        sorted: texts that are sortable.
        computed: SQL expressions of texts that the database computes after the trigger.
    """
    sources = {text: f"NEW.{text}" for text in (*searched, *sorted)} | dict(computed or {})
    columns = {f"{text}_search": f"search_key({source})" for text, source in sources.items()}
    return columns | {f"{text}_sort": f"sort_key({sources[text]})" for text in sorted}


def trigger(table: str, keys: Mapping[str, str]) -> Sequence[str]:
    """Return the SQL of the trigger that fills a table's key columns when a text is written.

    Args:
        table: its name.
        keys: as `keys` returns them.
    """
    body = " ".join(f"NEW.{column} := {expression};" for column, expression in keys.items())
    texts = re.findall(r"NEW\.(\w+)", " ".join(keys.values()))
    watched = ", ".join(dict.fromkeys([*texts, *keys]))
    name = f"make_keys_of_{table}"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN {body} RETURN NEW; END $$",
        f"CREATE OR REPLACE TRIGGER make_keys BEFORE INSERT OR UPDATE OF {watched} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def no_trigger(table: str) -> Sequence[str]:
    """Return the SQL that drops the trigger and its function."""
    return (f"DROP TRIGGER make_keys ON {table}", f"DROP FUNCTION make_keys_of_{table}()")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
