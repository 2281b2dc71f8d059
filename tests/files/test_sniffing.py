import io
import struct

import pytest

from qgp.files import sniffing
from tests.files.samples import REFUSED, TAKEN, archive, document


def detected(data: bytes, name: str = "file") -> str | None:
    begun = sniffing.candidate_type(data[: sniffing.HEAD])
    return begun and sniffing.detected_type(begun, io.BytesIO(data), name)


@pytest.mark.parametrize("kind", TAKEN)
def test_each_type_is_detected_from_its_bytes(kind: str) -> None:
    assert detected(TAKEN[kind]) == kind


def test_the_samples_show_every_type_but_the_two_that_only_a_name_tells() -> None:
    assert TAKEN.keys() == sniffing.EXTENSIONS.keys() - {"text/csv", "text/markdown"}


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_else_is_taken(what: str) -> None:
    assert detected(REFUSED[what]) is None


@pytest.mark.parametrize("kind", TAKEN)
def test_another_name_makes_no_other_type(kind: str) -> None:
    expected = "text/csv" if kind == "text/plain" else kind
    assert detected(TAKEN[kind], "page.CSV") == expected
    assert detected(TAKEN[kind], "page.html") == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", "text/markdown"), ("a.markdown", "text/markdown"), ("a", "text/plain")],
)
def test_a_text_is_what_its_name_says(name: str, kind: str) -> None:
    assert detected(b"# Title", name) == kind


def test_a_text_is_read_to_its_end() -> None:
    good = b"line\n" * 100_000
    assert detected(good + "ü".encode() * 100_000) == "text/plain"
    assert detected(good + b"\x00") is None
    assert detected(good + b"\xff") is None
    assert detected(good + "ü".encode()[:1]) is None


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\xef\xbb\xbf \n", b"\t" * 900])
def test_a_document_after_blanks_is_a_document(start: bytes) -> None:
    assert detected(start + TAKEN["application/pdf"], "x.pdf") == "application/pdf"


@pytest.mark.parametrize("start", ["\ufeff\ufeff", "\n\ufeff\ufeff \u2003", "\ufeff" * 30_000])
@pytest.mark.parametrize("markup", ["<svg/>", "<!doctype html>", "<?xml?>", "#!/bin/sh"])
def test_markup_after_byte_order_marks_is_no_text(start: str, markup: str) -> None:
    assert detected((start + markup).encode(), "x.csv") is None


@pytest.mark.parametrize("text", ["<0.5;mg/l\r\n", "< 3,4", "<= 7"])
def test_a_value_below_a_limit_is_no_markup(text: str) -> None:
    assert detected(text.encode(), "lab.csv") == "text/csv"


@pytest.mark.parametrize(
    ("major", "compatible", "kind"),
    [
        (b"MSNV", b"MSNVmp42isom", "video/mp4"),
        (b"iso3", b"iso3isom", "video/mp4"),
        (b"XAVC", b"XAVCmp42", "video/mp4"),
        (b"XAVC", b"XAVC", None),
        (b"M4A ", b"M4A mp42isom", None),
        (b"avif", b"mif1miafiso8", None),
        (b"qt  ", b"qt  ", None),
    ],
)
def test_a_video_is_detected_by_its_brands(
    major: bytes, compatible: bytes, kind: str | None
) -> None:
    length = (16 + len(compatible)).to_bytes(4)
    assert detected(length + b"ftyp" + major + bytes(4) + compatible + bytes(40)) == kind


_TYPES = "[Content_Types].xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("word/vbaProject.bin", "x"),
        ("WORD\\VBAPROJECT.BIN", "x"),
        ("xl/macrosheets/sheet1.xml", "<a/>"),
        ("word/_rels/document.xml.rels", '<Relationship Type="http://x/vbaProject" Target="a"/>'),
    ],
)
def test_a_macro_that_nothing_declares_is_refused(name: str, text: str) -> None:
    types = f'<Types><Override ContentType="{_MAIN}.main+xml"/></Types>'
    assert detected(archive({_TYPES: types})) == _MAIN
    assert detected(archive({_TYPES: types, name: text})) is None


@pytest.mark.parametrize("name", ["Basic/Standard/Module1.xml", "Scripts/python/a.py", "./basic/x"])
def test_an_open_document_with_a_program_is_refused(name: str) -> None:
    kind = "application/vnd.oasis.opendocument.text"
    assert detected(archive({"mimetype": kind, "content.xml": "<a/>"})) == kind
    assert detected(archive({"mimetype": kind, name: "x"})) is None


def test_relationships_too_long_to_be_read_are_refused() -> None:
    types = f'<Types><Override ContentType="{_MAIN}.main+xml"/></Types>'
    many = {f"_rels/{number}.rels": " " * 250_000 for number in range(20)}
    assert detected(archive({_TYPES: types, **many})) is None


def test_markup_after_many_blanks_is_no_text() -> None:
    assert detected(b" " * 200_000 + b"<script>") is None


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
    assert sniffing.safe_name(name, kind) == saved


def test_an_archive_of_many_names_is_not_read() -> None:
    many = archive({f"{number:0200}": "" for number in range(6000)})
    assert detected(many) is None


def test_an_archive_that_hides_its_size_is_not_read() -> None:
    whole = document()
    locator = b"PK\x06\x07" + bytes(16)
    assert detected(whole[:-22] + locator + whole[-22:]) is None


def test_an_archive_that_lies_of_its_directory_is_no_document() -> None:
    whole = document()
    place = len(whole) - 22 + 16
    assert detected(whole[:place] + struct.pack("<I", 10**6) + whole[place + 4 :]) is None


def test_a_list_of_types_that_unfolds_is_not_read_whole() -> None:
    types = " " * 10_000_000
    assert detected(archive({"[Content_Types].xml": types})) is None
