"""Links to CSV exports that work without an access token, as a plain link of a page does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgp.kit.context import Context


@dataclass(frozen=True)
class ExportLink:
    """Address of an export, with a signature.

    Attributes:
        url: absolute.
        expires_at: instant before which the download starts.
    """

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class ExportLinks:
    """Service that issues links.

    Attributes:
        create: takes the operation, the name of a list and the parameters of its export; raises
            DomainError where that export would be refused.
    """

    create: Callable[["Context", str, Mapping[str, str]], ExportLink]
