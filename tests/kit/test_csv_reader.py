"""Rows of a CSV file are the same wherever its portions end."""

from collections.abc import AsyncIterator

import pytest

from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.csv_reader import numbered_rows

FILES = {
    "breaks and marks in quotes": 'sep=;\r\na;b\r\n"x\r\ny";"1 "" 2"\r\n\r\n"";3\r\n',
    "CR, LF and CRLF": "a,b\r1,2\r\n3,4\n\n5,6\r",
    "a quote without partner": 'a,b\n1,"2\n3,4\n5,6\n',
    "text after a quote": 'a,b\n1,"2" x\n3,4\n',
    "blank lines before the header": "\n;;\n \na;b\n1;2",
    "a row that is too long": "a,b\n" + "x" * 40 + ",1\n2,3\n",
    "a row of many lines": 'a,b\n"' + "x\n" * 25 + '",1\n2,3\n',
}


async def rows_of(*portions: str) -> list[tuple[int, object]]:
    async def text() -> AsyncIterator[str]:
        for portion in portions:
            yield portion

    rows = [row async for row in numbered_rows(text(), CsvDialect(), 40)]
    return [(number, cells if isinstance(cells, list) else str(cells)) for number, cells in rows]


@pytest.mark.parametrize("name", FILES)
async def test_portions_may_end_anywhere(name: str) -> None:
    file = FILES[name]
    whole = await rows_of(file)
    for place in range(len(file) + 1):
        assert await rows_of(file[:place], file[place:]) == whole
    assert await rows_of(*file) == whole


async def test_rows_have_the_numbers_of_a_spreadsheet() -> None:
    assert await rows_of(FILES["breaks and marks in quotes"]) == [
        (2, ["a", "b"]),
        (3, ["x\r\ny", '1 " 2']),
        (4, []),
        (5, ["", "3"]),
    ]
    assert await rows_of(FILES["CR, LF and CRLF"]) == [
        (1, ["a", "b"]),
        (2, ["1", "2"]),
        (3, ["3", "4"]),
        (4, []),
        (5, ["5", "6"]),
    ]
    for name, row in (("a row that is too long", 2), ("a row of many lines", 2)):
        assert (await rows_of(FILES[name]))[1:] == [(row, "it has more than 40 characters")]
