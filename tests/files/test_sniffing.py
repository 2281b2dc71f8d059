import io
import struct

import pytest

from qgp.files import sniffing
from tests.files.samples import REFUSED, TAKEN, archive, document


def told(data: bytes, name: str = "file") -> str | None:
    begun = sniffing.begins(data[: sniffing.HEAD])
    return begun and sniffing.settled(begun, io.BytesIO(data), name)


@pytest.mark.parametrize("kind", TAKEN)
def test_each_type_is_told_from_its_bytes(kind: str) -> None:
    assert told(TAKEN[kind]) == kind


def test_the_samples_show_every_type_but_the_two_that_only_a_name_tells() -> None:
    assert TAKEN.keys() == sniffing.ENDINGS.keys() - {"text/csv", "text/markdown"}


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_else_is_taken(what: str) -> None:
    assert told(REFUSED[what]) is None


@pytest.mark.parametrize("kind", TAKEN)
def test_another_name_makes_no_other_type(kind: str) -> None:
    expected = "text/csv" if kind == "text/plain" else kind
    assert told(TAKEN[kind], "page.CSV") == expected
    assert told(TAKEN[kind], "page.html") == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", "text/markdown"), ("a.markdown", "text/markdown"), ("a", "text/plain")],
)
def test_a_text_is_what_its_name_says(name: str, kind: str) -> None:
    assert told(b"# Title", name) == kind


def test_a_text_is_read_to_its_end() -> None:
    good = b"line\n" * 100_000
    assert told(good + "ü".encode() * 100_000) == "text/plain"
    assert told(good + b"\x00") is None
    assert told(good + b"\xff") is None
    assert told(good + "ü".encode()[:1]) is None


def test_markup_after_many_blanks_is_no_text() -> None:
    assert told(b" " * 200_000 + b"<script>") is None


@pytest.mark.parametrize(
    ("name", "kind", "saved"),
    [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("Report.PDF", "application/pdf", "Report.PDF"),
        ("report.exe", "application/pdf", "report.exe.pdf"),
        ("run.js", "text/plain", "run.js.txt"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("photo", "image/jpeg", "photo.jpg"),
    ],
)
def test_the_name_to_save_under_ends_as_the_type_does(name: str, kind: str, saved: str) -> None:
    assert sniffing.fitting(name, kind) == saved


def test_an_archive_of_many_names_is_not_read() -> None:
    many = archive({f"{number:0200}": "" for number in range(6000)})
    assert told(many) is None


def test_an_archive_that_hides_its_size_is_not_read() -> None:
    whole = document()
    locator = b"PK\x06\x07" + bytes(16)
    assert told(whole[:-22] + locator + whole[-22:]) is None


def test_an_archive_that_lies_of_its_directory_is_no_document() -> None:
    whole = document()
    place = len(whole) - 22 + 16
    assert told(whole[:place] + struct.pack("<I", 10**6) + whole[place + 4 :]) is None


def test_a_list_of_types_that_unfolds_is_not_read_whole() -> None:
    types = " " * 10_000_000
    assert told(archive({"[Content_Types].xml": types})) is None
