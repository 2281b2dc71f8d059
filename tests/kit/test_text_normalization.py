import time
import unicodedata

import pytest

from qgp.kit.errors import Invalid
from qgp.kit.text_normalization import composed

IN_TURN, IN_DISGUISE = "a" + "\u0301\u0316" * 15_500, "a" + "\u0f73" * 31_000


@pytest.mark.parametrize(
    ("pile", "most"), [(IN_TURN, 254), (IN_DISGUISE, 254), (IN_TURN, 10_000), (IN_DISGUISE, 10_000)]
)
def test_a_pile_of_31000_marks_is_refused_in_milliseconds(pile: str, most: int) -> None:
    begun = time.perf_counter()
    with pytest.raises(Invalid) as refusal:
        composed(pile, most, "name")
    assert time.perf_counter() - begun < 0.05
    assert refusal.value.path == ("name",)


@pytest.mark.parametrize("text", ["e\u0301", "\u1ea5", "a\u0323\u0302\u0301", "\u0f73", "plain"])
def test_a_text_as_people_write_it_is_composed(text: str) -> None:
    assert composed(text, 5) == unicodedata.normalize("NFC", text)


def test_a_text_may_arrive_in_more_characters_than_it_is_composed_of() -> None:
    assert composed("e\u0301" * 200, 200) == "\u00e9" * 200


def test_no_letter_comes_apart_into_marks_but_those_that_are_counted_as_marks() -> None:
    decomposed = ((chr(code), unicodedata.normalize("NFD", chr(code))) for code in range(0x110000))
    odd = {
        letter
        for letter, parts in decomposed
        if unicodedata.combining(parts[0]) and not unicodedata.combining(letter)
    }
    assert odd == {"\u0f73", "\u0f75", "\u0f81"}
