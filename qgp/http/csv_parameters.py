"""Query parameters of the CSV endpoints, each sent at most once."""

from collections.abc import Collection
from typing import TypeVar

from starlette.datastructures import QueryParams

from qgp.http.http_errors import HttpError
from qgp.kit.csv_dialect import DELIMITERS, CsvDelimiter
from qgp.kit.described_enum import DescribedEnum

E = TypeVar("E", bound=DescribedEnum)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class CsvParameters:
    """Parameters of one request.

    Args:
        query: the query string.
        allowed: the names that the endpoint reads.

    Raises:
        HttpError: 400, if one has another name or is sent twice.
    """

    def __init__(self, query: QueryParams, allowed: Collection[str]) -> None:
        self._query = query
        for name in query:
            if name not in allowed or len(query.getlist(name)) > 1:
                names = ", ".join(f"`{one}`" for one in allowed)
                raise _refused(name[:60], f"`{name[:60]}` is sent twice or unknown. Send {names}.")

    def text(self, name: str) -> str | None:
        """Return the value of a parameter; None where it is not sent."""
        return self._query.get(name)

    def boolean(self, name: str) -> bool:
        """Return whether a parameter is true; false where it is not sent.

        Raises:
            HttpError: 400.
        """
        text = self._query.get(name, "false").lower()
        if text not in _BOOLEANS:
            raise _refused(name, f"`{name}` must be true or false. Send one of them.")
        return _BOOLEANS[text]

    def member(self, name: str, kind: type[E]) -> E | None:
        """Return the value of a closed set, named in any case; None where it is not sent.

        Raises:
            HttpError: 400.
        """
        if (text := self._query.get(name)) is None:
            return None
        try:
            return kind(text.upper())
        except ValueError:
            names = ", ".join(kind)
            raise _refused(name, f"`{name}` must be one of {names}. Send one of them.") from None

    def delimiter(self) -> CsvDelimiter | None:
        """Return the delimiter, named or as the character itself; None where it is not sent.

        Raises:
            HttpError: 400.
        """
        text = self._query.get("delimiter")
        characters = {character: delimiter for delimiter, character in DELIMITERS.items()}
        return characters.get(text or "") or self.member("delimiter", CsvDelimiter)


def _refused(name: str, message: str) -> HttpError:
    return HttpError(400, f"The parameter {message}", code="BAD_USER_INPUT", path=(name,))
