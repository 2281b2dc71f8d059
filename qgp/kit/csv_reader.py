"""CSV reader: the numbered rows of a text that arrives in portions."""

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence

from qgp.kit.csv_dialect import DELIMITERS, CsvDialect
from qgp.kit.pace import Pace

_SEPARATOR_LINE = re.compile(r'\s*"?sep=([,;\t|])[,;\t|\s"]*', re.IGNORECASE)
_QUOTED = re.compile('"(?:[^"]|"")*"')
_BLANK = "".join(DELIMITERS.values()) + "\"' \u00a0\r\n"


async def numbered_rows(
    text: AsyncIterable[str], dialect: CsvDialect, most: int
) -> AsyncIterator[tuple[int, list[str] | csv.Error]]:
    """Yield number and cells of each row; last, the error that ends the file.

    Rows are numbered as a spreadsheet does: blank ones count, and so does a line `sep=`. The text
    is received to its end, also after an error.

    Args:
        text: the portions of the file; one may end anywhere, also between CR and LF.
        dialect: the declared form of the file.
        most: characters of one row, so that none holds up the event loop.
    """
    pace, reading = Pace(), _Reading(dialect, most)
    async for portion in text:
        for row in reading.add(portion):
            await pace()
            yield row
    for row in reading.end():
        await pace()
        yield row


class _Reading:
    """Reading of one file, portion by portion."""

    def __init__(self, dialect: CsvDialect, most: int) -> None:
        self._delimiter = dialect.delimiter and dialect.delimiter.character
        self._most = most
        self._lines = _Lines(most)
        self._rows: Iterator[list[str]] | None = None
        self._number = 0
        self._has_failed = False

    def add(self, portion: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
        """Yield the rows that are complete with this portion."""
        if self._has_failed:
            return
        self._lines.add(portion)
        yield from self._complete_rows()

    def end(self) -> Iterator[tuple[int, list[str] | csv.Error]]:
        """Yield the rows that the end of the file completes."""
        self._lines.end()
        if not self._has_failed:
            yield from self._complete_rows()

    def _complete_rows(self) -> Iterator[tuple[int, list[str] | csv.Error]]:
        if self._rows is None:
            opening = _opening(self._lines.waiting, self._delimiter)
            if opening is None:
                if not self._lines.has_ended and self._lines.received < self._most:
                    return
                opening = 0, self._delimiter or _most_frequent("".join(self._lines.waiting))
            self._number, delimiter = opening
            self._lines.skip(self._number)
            self._rows = csv.reader(self._lines, delimiter=delimiter, strict=True)
        while True:
            self._lines.begin_row()
            try:
                cells = next(self._rows)
            except (_Incomplete, StopIteration):
                return
            except csv.Error as error:
                self._has_failed = True
                yield self._number + 1, error
                return
            self._number += 1
            yield self._number, cells


def _opening(lines: Sequence[str], declared: str | None) -> tuple[int, str] | None:
    """Return the number of lines up to a line `sep=`, and the delimiter of the file.

    None where the lines so far are blank.
    """
    for number, line in enumerate(lines, 1):
        if match := _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n")):
            return number, declared or match[1]
        if line.strip(_BLANK):
            names = _QUOTED.sub("", line)
            return 0, declared or _most_frequent(names)
    return None


def _most_frequent(text: str) -> str:
    return max(DELIMITERS.values(), key=text.count)


class _Incomplete(Exception):
    """The lines of a row have not all arrived."""


class _Lines:
    """Lines of the portions so far, with their ends; a row has at most `most` characters.

    A row that is incomplete is begun again with the next portion.

    Attributes:
        received: characters so far.
        has_ended: whether the file has no further portion.
    """

    def __init__(self, most: int) -> None:
        self.received = 0
        self.has_ended = False
        self._most = most
        self._lines: list[str] = []
        self._rest = ""  # of a line that is incomplete
        self._row = self._next = self._length = 0

    @property
    def waiting(self) -> Sequence[str]:
        """The complete lines that no row has."""
        return self._lines[self._row :]

    def add(self, portion: str) -> None:
        """Add a portion."""
        self.received += len(portion)
        lines = io.StringIO(self._rest + portion, newline="").readlines()
        is_cut = bool(lines) and not lines[-1].endswith("\n")  # LF may follow CR
        self._rest = lines.pop() if is_cut else ""
        self._lines = [*self.waiting, *lines]
        self._row = self._next = 0

    def end(self) -> None:
        """Add the end of the file."""
        self.has_ended = True
        self._lines = [*self.waiting, *([self._rest] if self._rest else [])]
        self._row = self._next = 0

    def skip(self, count: int) -> None:
        """Skip lines that belong to no row."""
        self._row = self._next = self._row + count

    def begin_row(self) -> None:
        """Begin a row with the next line, and count its characters."""
        self._row, self._length = self._next, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._next < len(self._lines):
            line = self._lines[self._next]
        elif self.has_ended:
            raise StopIteration
        elif self._length + len(self._rest) <= self._most:
            raise _Incomplete
        else:
            line = self._rest
        self._next += 1
        self._length += len(line)
        if self._length > self._most:
            raise csv.Error(f"it has more than {self._most:,} characters")
        return line
