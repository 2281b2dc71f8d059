"""Rendering of messages: the texts of a kind, in plain text and HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from qgp.texts.catalogue import Texts

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


def render(
    texts: Texts,
    kind: str,
    values: Mapping[str, object],
    *,
    link: str,
    template: str = "notice",
    unsubscribe: str | None = None,
    **context: Any,
) -> Content:
    """Render a message of a kind.

    Args:
        texts: of the language; those of the kind are `subject`, `paragraphs` and `action`.
        kind: section of the catalogue.
        values: of the placeholders; `name` is the recipient's, `organization` the sender's.
        link: address that the message asks the recipient to open.
        template: name of a template for text and one for HTML.
        unsubscribe: address to turn messages of this kind off; None where that is impossible.
        context: further variables of the template.
    """
    variables = {
        "language": texts.language,
        "subject": texts.text(f"{kind}.subject", **values),
        "greeting": texts.text("mail.greeting", **values),
        "paragraphs": texts.paragraphs(f"{kind}.paragraphs", **values),
        "action": texts.text(f"{kind}.action", **values),
        "link": link,
        "link_hint": texts.text("mail.link"),
        "footer": texts.text("mail.footer", **values),
        "unsubscribe": unsubscribe,
        "unsubscribe_hint": texts.text("mail.unsubscribe"),
        **context,
    }
    return Content(
        subject=str(variables["subject"]),
        text=fill(f"{template}.txt", **variables),
        html=fill(f"{template}.html", **variables),
    )


def fill(name: str, **variables: Any) -> str:
    """Return a filled-in template; values are escaped in HTML, a missing variable is an error."""
    return _environment().get_template(f"{name}.jinja").render(variables)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=jinja2.select_autoescape(["html.jinja"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
