"""Small files of every type that is taken, made here, and some that are not."""

import io
import zipfile

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


def archive(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return buffer.getvalue()


def office(*kinds: str, before: str = "") -> bytes:
    listed = "".join(f'<Override PartName="/a{n}" ContentType="{k}"/>' for n, k in enumerate(kinds))
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    types = f'<?xml version="1.0" encoding="UTF-8"?>{before}<Types xmlns="{space}">{listed}</Types>'
    return archive({"docProps/app.xml": "<a/>", "[Content_Types].xml": types})


def document() -> bytes:
    return office(f"{_OOXML}wordprocessingml.document.main+xml")


def opened(kind: str) -> bytes:
    return archive({"mimetype": f"{_ODF}{kind}", "content.xml": "<a/>"})


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(50)
PDF = b"%PDF-1.7\n" + b"1 0 obj\n<< >>\nendobj\n" * 20
TAKEN = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40),
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40),
    "image/gif": b"GIF89a" + bytes(40),
    "image/heic": b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + bytes(40),
    "video/mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + bytes(40),
    "video/quicktime": b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + bytes(40),
    "video/3gpp": b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x02\x00isom3gp4" + bytes(40),
    "video/3gpp2": b"\x00\x00\x00\x14ftyp3g2a\x00\x00\x02\x003g2a" + bytes(40),
    "text/plain": "Prüfbericht: ✓\n\tok\r\n".encode(),
    f"{_OOXML}wordprocessingml.document": document(),
    f"{_OOXML}spreadsheetml.sheet": office(f"{_OOXML}spreadsheetml.sheet.main+xml"),
    f"{_OOXML}presentationml.presentation": office(f"{_OOXML}presentationml.presentation.main+xml"),
    f"{_ODF}text": opened("text"),
    f"{_ODF}spreadsheet": opened("spreadsheet"),
    f"{_ODF}presentation": opened("presentation"),
    f"{_ODF}graphics": opened("graphics"),
}
NAMED = {
    "a.csv": ("text/csv", b"<0.5;mg/l\r\n<0.1;mg/l\r\n"),
    "a.tsv": ("text/tab-separated-values", b"<LOQ\tmg/l\n"),
    "a.markdown": ("text/markdown", b"# Title"),
    "a.ics": ("text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "a.vcf": ("text/vcard", b"BEGIN:VCARD\r\nEND:VCARD\r\n"),
    "a.json": ("application/json", b'\xef\xbb\xbf\n[{"a": 1}]'),
    "a.geojson": ("application/geo+json", b'{"type": "Point"}'),
    "a.YML": ("application/yaml", b"a: 1\n"),
    "a.xml": ("application/xml", b'<?xml version="1.0"?>\n<a xmlns="urn:b"><c d="1"/></a>'),
    "a.eml": ("message/rfc822", "From: a@b.example\r\n\r\nPrüfbericht\x1b$B".encode("cp1252")),
}  # name and bytes together decide
REFUSED = {
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page after blanks": b"\xef\xbb\xbf \n\t<html></html>",
    "a drawing with scripts": b"<?xml version='1.0'?><svg onload='alert(1)'/>",
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "a program of Linux": b"\x7fELF\x02\x01\x01" + bytes(60),
    "a program of Windows": b"MZ\x90\x00" + bytes(60),
    "a text in UTF-16": "text".encode("utf-16"),
    "a text in Latin-1": "Prüfbericht".encode("latin-1"),
    "a text that ends within a character": "ü".encode()[:1],
    "a text with NUL": b"text\x00text",
    "an archive": archive({"a.txt": "a"}),
    "a program of Java": archive({"META-INF/MANIFEST.MF": "Main-Class: A"}),
    "a document with macros": office("application/vnd.ms-word.document.macroEnabled.main+xml"),
    "a document with a part of macros": office(
        f"{_OOXML}wordprocessingml.document.main+xml", "application/vnd.ms-office.vbaProject"
    ),
    "a document that is two": office(
        f"{_OOXML}wordprocessingml.document.main+xml", f"{_OOXML}spreadsheetml.sheet.main+xml"
    ),
    "a document with entities": office(
        f"{_OOXML}wordprocessingml.document.main+xml", before='<!DOCTYPE a [<!ENTITY b "c">]>'
    ),
    "a template": opened("text-template"),
    "half an archive": document()[:-30],
    "a beginning of an archive": b"PK\x03\x04" + bytes(100),
    "another medium": b"\x00\x00\x00\x18ftypavif" + bytes(40),
    "a program before a PDF": b"\x7fELF\x02\x01\x01" + PDF,
    "a page before a PDF": b"<html><script>1</script></html>" + PDF,
}
