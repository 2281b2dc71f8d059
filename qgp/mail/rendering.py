"""Rendering of messages: the texts of a kind, in plain text and HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qgp.texts.catalogue import Texts

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Content:
    """Subject and body of a message.

    Attributes:
        text: the body as plain text.
        html: the body as HTML.
    """

    subject: str
    text: str
    html: str


class Entry(NamedTuple):
    """Record that a message is about.

    Attributes:
        link: address of the record.
    """

    title: str
    link: str
    sentence: str


def render(texts: Texts, kind: str, values: Mapping[str, object], *, link: str) -> Content:
    """Render a message of a kind.

    Args:
        texts: of the language; those of the kind are `subject`, `paragraphs` and `action`.
        kind: section of the catalogue.
        values: of the placeholders; `name` is the recipient's, `organization` the sender's.
        link: address that the message asks the recipient to open.
    """
    return lay_out(
        texts,
        values,
        subject=texts.text(f"{kind}.subject", **values),
        paragraphs=texts.paragraphs(f"{kind}.paragraphs", **values),
        action=texts.text(f"{kind}.action", **values),
        link=link,
    )


def lay_out(
    texts: Texts,
    values: Mapping[str, object],
    *,
    subject: str,
    action: str,
    link: str,
    paragraphs: Sequence[str] = (),
    entries: Sequence[Entry] = (),
    more: str | None = None,
    preferences: str | None = None,
    unsubscribe: str | None = None,
) -> Content:
    """Render a message with greeting and footer.

    Args:
        texts: of the language.
        values: see `render`.
        subject: of the message.
        action: text of the link.
        link: see `render`.
        paragraphs: sentences before the records.
        entries: the records.
        more: sentence about records that are not listed; None without any.
        preferences: address of the page that changes preferences; None where there is none.
        unsubscribe: address to turn messages of this kind off; None where that is impossible.
    """
    variables = {
        "language": texts.language,
        "subject": subject,
        "greeting": texts.text("mail.greeting", **values),
        "paragraphs": paragraphs,
        "entries": entries,
        "more": more,
        "action": action,
        "link": link,
        "link_hint": texts.text("mail.link"),
        "footer": texts.text("mail.footer", **values),
        "preferences": preferences,
        "preferences_hint": texts.text("mail.preferences"),
        "unsubscribe": unsubscribe,
        "unsubscribe_hint": texts.text("mail.unsubscribe"),
    }
    text, html = (fill(f"notice.{form}", **variables) for form in ("txt", "html"))
    return Content(subject, text, html)


def fill(name: str, **variables: Any) -> str:
    """Return a filled-in template; values are escaped in HTML, a missing variable is an error."""
    return _environment().get_template(f"{name}.jinja").render(variables)


@cache
def _environment() -> "jinja2.Environment":
    import jinja2  # noqa: PLC0415 - a process that sends no message needs none

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=jinja2.select_autoescape(["html.jinja"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
