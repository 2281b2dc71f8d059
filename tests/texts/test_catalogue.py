"""Every language says the same: the same keys, the same placeholders."""

from datetime import UTC, date, datetime

import pytest

from qgp.texts.catalogue import DEFAULT, languages, placeholders, texts_for, texts_of

ENGLISH = texts_of(DEFAULT)


@pytest.mark.parametrize("language", languages())
def test_a_language_has_the_keys_and_placeholders_of_english(language: str) -> None:
    theirs = {key: placeholders(entry) for key, entry in texts_of(language).entries.items()}
    assert theirs == {key: placeholders(entry) for key, entry in ENGLISH.entries.items()}


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-Latn-CH-1996", "de"),
        ("ja", "en"),
        ("", "en"),
    ],
)
def test_the_longest_part_of_a_locale_with_texts_decides(locale: str, language: str) -> None:
    assert texts_for(locale).language == language


@pytest.mark.parametrize(
    ("language", "day", "instant"),
    [
        ("en", "1 March 2026", "1 March 2026, 00:30 (Europe/Berlin)"),
        ("de", "1. März 2026", "1. März 2026, 00:30 Uhr (Europe/Berlin)"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(
    language: str, day: str, instant: str
) -> None:
    texts = texts_of(language)
    at = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert texts.day(date(2026, 3, 1)) == day
    assert texts.instant(at, "Europe/Berlin") == instant


def test_a_value_is_put_in_as_it_is_and_a_missing_one_is_an_error() -> None:
    odd = "{name} %s {0.__class__}"
    assert ENGLISH.text("mail.greeting", name=odd) == f"Hello {odd},"
    with pytest.raises(KeyError, match="name"):
        ENGLISH.text("mail.greeting")
