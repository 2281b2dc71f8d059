from qgp.mail.rendering import Entry, lay_out, render
from qgp.texts.catalogue import texts_of

VALUES = {
    "name": "Jörg <b>Müller</b>",
    "address": "jm@firm.example",
    "organization": "Größe & Söhne",
    "until": "30. November 2026",
}
LINK = "https://app.example/invitation#token=a&b"


def test_a_message_is_rendered_in_german() -> None:
    content = render(texts_of("de"), "invitation", VALUES, link=LINK)
    assert content.subject == "Einladung zu Größe & Söhne"
    assert content.text.startswith("Guten Tag Jörg <b>Müller</b>,\n\nGröße & Söhne hat Sie")
    assert f"Einladung annehmen:\n{LINK}\n\n-- \n" in content.text
    assert '<html lang="de">' in content.html
    assert "<p>Guten Tag Jörg &lt;b&gt;Müller&lt;/b&gt;,</p>" in content.html
    assert 'href="https://app.example/invitation#token=a&amp;b"' in content.html
    assert "abbestellen" not in content.text + content.html


def test_a_message_about_records_has_an_address_to_unsubscribe() -> None:
    off = "https://qgp.example/mail/unsubscribe?token=x"
    record = "https://app.example/records/fnd_1"
    content = lay_out(
        texts_of("en"),
        VALUES,
        subject="Due",
        entries=[Entry("NC-1 Label <9>", record, "It is due.")],
        action="Open",
        link=LINK,
        unsubscribe=off,
    )
    assert f"* NC-1 Label <9>\n  It is due.\n  {record}\n\nOpen:\n" in content.text
    assert 'font-weight: bold">NC-1 Label &lt;9&gt;</a><br>\nIt is due.</p>' in content.html
    assert content.text.endswith(f"Unsubscribe from messages of this kind:\n{off}\n")
    assert f'<a href="{off}">' in content.html
