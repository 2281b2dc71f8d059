"""Clause numbers sort as people count."""

from itertools import pairwise

import pytest

from qgp.standards.commands.numbering import sort_key


@pytest.mark.parametrize(
    "numbers",
    [
        "8 8.1 8.9 8.10 8.10.1 8.11 9 10 A.5 A.5.2 A.5.10 A.10",
        "AC-1 AC-2 AC-2(1) AC-2(2) AC-2(10) AC-3 AC-10 AT-1",
        "820.5 820.30 820.100 820.1000 1000.1",
        "A.5 AC-1 B.1",
        "4 4.1 4.1a 4.1b 4.2 Annex",
    ],
)
def test_the_sort_key_orders_numbers_as_people_count(numbers: str) -> None:
    keys = [sort_key(number).encode() for number in numbers.split()]
    assert all(one < two for one, two in pairwise(keys))


def test_the_sort_key_is_a_zero_padded_path() -> None:
    assert sort_key("8.5.1") == "08.05.01"
    assert sort_key("AC-2(1)") == sort_key("ac-02.1") == "AC.02.01"
