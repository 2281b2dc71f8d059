"""Catalogue of texts: one TOML file for each language, with texts by kind and name.

English is complete; `tests/texts` compares the keys and placeholders of every other language with
it. A new language is a new file in `languages`, named after its BCP 47 tag in lower case.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent / "languages"
DEFAULT = "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Texts:
    """Texts of one language.

    Attributes:
        language: its BCP 47 tag.
        entries: texts, and lists of texts, by `kind.name`.
    """

    language: str
    entries: Mapping[str, str | Sequence[str]]

    def text(self, key: str, **values: object) -> str:
        """Return a text with its placeholders filled in.

        Args:
            key: `kind.name`.
            values: by placeholder; a date is written as the language writes it.

        Raises:
            KeyError: there is no such text, or a placeholder has no value.
        """
        entry = self.entries[key]
        if not isinstance(entry, str):
            raise KeyError(key)
        return self._filled(entry, values)

    def paragraphs(self, key: str, **values: object) -> Sequence[str]:
        """Return a list of texts with their placeholders filled in.

        Raises:
            KeyError: there is no such list, or a placeholder has no value.
        """
        entry = self.entries[key]
        if isinstance(entry, str):
            raise KeyError(key)
        return [self._filled(text, values) for text in entry]

    def day(self, day: date) -> str:
        """Return a calendar day, such as `30 November 2026`."""
        month = self.entries["dates.months"][day.month - 1]
        return self.text("dates.day", day=str(day.day), month=month, year=str(day.year))

    def instant(self, at: datetime, zone: str) -> str:
        """Return day, time and zone of an aware instant in an IANA time zone."""
        local = at.astimezone(ZoneInfo(zone))
        return self.text("dates.instant", day=local.date(), time=f"{local:%H:%M}", zone=zone)

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        """Return a text in which each placeholder has its value, whatever characters that has."""

        def value_of(match: re.Match[str]) -> str:
            value = values[match[1]]
            return self.day(value) if isinstance(value, date) else str(value)

        return _PLACEHOLDER.sub(value_of, text)


def texts_for(locale: str) -> Texts:
    """Return the texts for a BCP 47 tag by RFC 4647, 3.4: its longest part with a file, or English.

    Args:
        locale: such as `de-AT`, for which `de` is used.
    """
    parts = locale.lower().split("-")
    tags = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return texts_of(next((tag for tag in tags if tag in languages()), DEFAULT))


@cache
def languages() -> Sequence[str]:
    """Return the tags of the languages that have a file, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


@cache
def texts_of(language: str) -> Texts:
    """Return the texts of a language that has a file."""
    content = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    entries = {
        f"{kind}.{name}": entry for kind, texts in content.items() for name, entry in texts.items()
    }
    return Texts(language, entries)


def placeholders(entry: str | Sequence[str]) -> Sequence[Any]:
    """Return the names of the placeholders of a text, or of each text of a list, sorted."""
    if isinstance(entry, str):
        return sorted(_PLACEHOLDER.findall(entry))
    return [placeholders(text) for text in entry]
