import io
import re
import struct

import pytest

from qgp.files import media_types, sniffing
from qgp.files.media_types import UnsupportedMediaType
from tests.files.samples import NAMED, PDF, REFUSED, TAKEN, archive, document


def examined(data: bytes, name: str = "file") -> str:
    candidate = sniffing.candidate_type(data[: sniffing.HEAD], name)
    return sniffing.detected_type(candidate, io.BytesIO(data), name)


def detected(data: bytes, name: str = "file") -> str | None:
    try:
        return examined(data, name)
    except UnsupportedMediaType:
        return None


@pytest.mark.parametrize("kind", TAKEN)
def test_each_type_is_detected_from_its_bytes(kind: str) -> None:
    assert detected(TAKEN[kind]) == kind


def test_each_kind_of_text_is_detected_from_its_name_and_content() -> None:
    assert {name: detected(data, name) for name, (_, data) in NAMED.items()} == {
        name: kind for name, (kind, _) in NAMED.items()
    }
    assert {detected(b"<0.5;mg/l\n", name) for name in NAMED if name not in ("a.eml", "a.xml")} == {
        "text/csv", "text/tab-separated-values", "text/markdown", "application/yaml", "text/plain",
    }  # fmt: skip


def test_the_samples_show_every_type() -> None:
    shown = {*TAKEN, *(kind for kind, _ in NAMED.values())}
    assert shown == media_types.BY_NAME.keys()


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_else_is_taken(what: str) -> None:
    assert detected(REFUSED[what]) is None


@pytest.mark.parametrize("kind", TAKEN)
def test_another_name_makes_no_other_type(kind: str) -> None:
    expected = "text/csv" if kind == "text/plain" else kind
    assert detected(TAKEN[kind], "page.CSV") == expected
    assert detected(TAKEN[kind], "page.html") == kind


def test_a_text_is_read_to_its_end() -> None:
    good = b"line\n" * 100_000
    assert detected(good + "ü".encode() * 100_000) == "text/plain"
    assert detected(good + b"\x00") is None
    assert detected(good + b"\xff") is None
    assert detected(good + "ü".encode()[:1]) is None


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf",
        b"\r\n\r\n",
        b"\xef\xbb\xbf \n",
        b"\t" * 1024,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"\x1b%-12345X@PJL JOB\r\n",
        b"\x00\xff" * 512,
    ],
)
def test_a_pdf_begins_after_up_to_1024_other_bytes(before: bytes) -> None:
    assert detected(before + PDF, "x.pdf") == "application/pdf"
    assert detected(b"\x01" * (1025 - len(before)) + before + PDF, "x.pdf") is None


def test_a_text_about_pdf_is_a_text() -> None:
    assert detected(b"A file begins with %PDF-1.7", "note.md") == "text/markdown"


@pytest.mark.parametrize("start", ["\ufeff\ufeff", "\n\ufeff\ufeff \u2003", "\ufeff" * 30_000])
@pytest.mark.parametrize("markup", ["<svg/>", "<!doctype html>", "<?xml?>", "#!/bin/sh"])
def test_markup_after_byte_order_marks_is_no_text(start: str, markup: str) -> None:
    assert detected((start + markup).encode(), "x.csv") is None


@pytest.mark.parametrize(
    "text", ["<0.5;mg/l\r\n", "< 3,4", "<= 7", "<LOQ;1", "<NWG\n", "<LOD (1);>5"]
)
def test_a_value_below_a_limit_is_no_markup(text: str) -> None:
    assert detected(text.encode(), "lab.csv") == "text/csv"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        ("a;b\nGröße;1".encode("cp1252"), "a.csv", "Line 2 has the byte 0xF6, which is not UTF-8"),
        ("Größe".encode("utf-16"), "a.csv", "The text is in UTF-16,"),
        ("Größe".encode("utf-16-be"), "a.txt", "The text is in UTF-16,"),
        (b"a\xc3", "a", "The text ends within a character: it is cut off or not in UTF-8."),
        (b"a" * 5000 + b"\n\xe9 ", "a", "Line 2 has the byte 0xE9, which is not UTF-8"),
        (b"a\nb\x00c", "a.log", "Line 2 has the byte 0x00, so the file is not the text"),
        (b"<a><b></a>", "a.xml", "The XML is not well-formed: mismatched tag in line 1."),
        (b"<a", "a.xml", "The XML is not well-formed: unclosed token in line 1."),
        (b"<svg xmlns='x'/>", "a.xml", "The XML has elements of HTML or SVG"),
        (
            b"<a xmlns:b='http&#58;//www.w3.org/1999/xhtml'><b:script/></a>",
            "a.xml",
            "The XML has elements of HTML or SVG",
        ),
        (b"<?xml-stylesheet href='#a'?><a/>", "a.xml", "The XML has the processing instruction"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "a.xml", "The XML has declarations of entities"),
        (b"<a>" * 300, "a.xml", "The XML has elements deeper than 256"),
        (b"<a>" + b"<b/>" * 1_000_000, "a.xml", "or more than 1,000,000, which is not accepted"),
        (
            b"<a b='" + b"c" * 3_000_000,
            "a.xml",
            "The XML has a tag or comment of more than 1,048,576",
        ),
        (b"<script>1</script>", "a.csv", "The text begins with markup or a script"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99),
            "a",
            "The file is not accepted. It is a file of an older Office",
        ),
        (b"MZ\x90%PDF-1.4", "a.pdf", "The file is not accepted. It is a program."),
        ("MZ Größe".encode("cp1252"), "a.csv", "Line 1 has the byte 0xF6"),
        (archive({"a.txt": "a"}), "a", "The file is not accepted. It is an archive"),
        (REFUSED["a document with macros"], "a.docx", "The document has macros"),
        (b"hello", "a.eml", "The file does not begin with a header field"),
    ],
)
def test_a_refusal_says_the_reason(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnsupportedMediaType, match=re.escape(reason)):
        examined(data, name)


@pytest.mark.parametrize(
    ("major", "compatible", "kind"),
    [
        (b"MSNV", b"MSNVmp42isom", "video/mp4"),
        (b"iso3", b"iso3isom", "video/mp4"),
        (b"XAVC", b"XAVCmp42", "video/mp4"),
        (b"XAVC", b"XAVC", None),
        (b"M4A ", b"M4A mp42isom", None),
        (b"avif", b"mif1miafiso8", None),
        (b"qt  ", b"qt  ", "video/quicktime"),
        (b"3gp5", b"3gp5isom", "video/3gpp"),
        (b"isom", b"isom3gp4", "video/mp4"),
        (b"crx ", b"crx isom", None),
    ],
)
def test_a_video_is_detected_by_its_brands(
    major: bytes, compatible: bytes, kind: str | None
) -> None:
    length = (16 + len(compatible)).to_bytes(4)
    assert detected(length + b"ftyp" + major + bytes(4) + compatible + bytes(40)) == kind


def test_the_name_chooses_between_the_brands_of_a_video() -> None:
    data = b"\x00\x00\x00\x1cftypisom" + bytes(4) + b"isom3gp4qt  " + bytes(40)
    names = ("a.mp4", "a.3GP", "a.mov", "a.heic", "a")
    kinds = ["mp4", "3gpp", "quicktime", "mp4", "mp4"]
    assert [detected(data, name) for name in names] == [f"video/{kind}" for kind in kinds]


@pytest.mark.parametrize("box", [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"])
def test_a_quicktime_file_without_brands_is_detected_by_its_first_box(box: bytes) -> None:
    assert detected(b"\x00\x00\x00\x08" + box + bytes(40)) == "video/quicktime"
    assert detected(b"ABCD" + box) == "text/plain"


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
        ("report.pdf.", "application/pdf", "report.pdf."),
        (".pdf", "application/pdf", ".pdf"),
        ("data.json", "text/plain", "data.json"),
        ("measures.dat", "text/plain", "measures.dat"),
        ("mail.eml", "message/rfc822", "mail.eml"),
        ("clip.mov", "video/mp4", "clip.mov"),
        ("clip.mp4", "image/png", "clip.mp4.png"),
    ],
)
def test_the_name_to_save_under_ends_as_the_type_does(name: str, kind: str, saved: str) -> None:
    assert media_types.safe_name(name, kind) == saved


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("page.HTML", "Save it as PDF or PNG"),
        ("mail.msg", "a message as .eml"),
        ("old.doc", "Save it as .docx"),
        ("macro.xlsm.", "Save it as .docx, .xlsx"),
        ("files.zip", "Upload its files one by one"),
        ("setup.exe", "Attach a document"),
        ("a.cp1252.csv", "Save it in UTF-8"),
        ("a.utf-16le.txt", "Save it in UTF-8"),
    ],
)
def test_a_name_that_tells_a_refused_type_is_refused_with_the_remedy(
    name: str, remedy: str
) -> None:
    with pytest.raises(UnsupportedMediaType, match=re.escape(remedy)):
        media_types.check_name(name)


def test_other_names_are_not_refused() -> None:
    others = ("a", "a.utf8.csv", "a.cp1252.pdf", "latin1.txt", "run.js", "v1.1252.csv", *NAMED)
    for name in others:
        media_types.check_name(name)


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
