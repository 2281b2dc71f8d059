"""Transport of development: keeps the newest messages in a folder, for `/dev/mail`.

The folder is shared by all processes, so that the page shows what commands have sent, too.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

from qgp.kit import ids
from qgp.mail.transport import PermanentFailure

MOST = 200  # messages that are kept
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class KeptMessage:
    """A kept message, by the id in its address."""

    id: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Subject, without the blank that begins one whose line was folded before it."""
        return str(self.message["subject"] or "").strip()

    def body(self, kind: str) -> str:
        """Return the body as `plain` text or `html`; empty without one."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


@dataclass(frozen=True)
class DevelopmentMail:
    """Messages in a folder, one file each, named in the order of arrival."""

    folder: Path

    async def send(self, message: EmailMessage) -> None:
        """Keep a message, and remove the oldest beyond `MOST`.

        Raises:
            PermanentFailure: the folder cannot be written.
        """
        try:
            await asyncio.to_thread(self._keep, ids.uuid7(), message.as_bytes())
        except OSError as error:
            raise PermanentFailure(f"{self.folder} cannot be written") from error

    async def messages(self) -> Sequence[KeptMessage]:
        """Return the kept messages, the newest first."""
        return await asyncio.to_thread(lambda: [*self._read(*reversed(self._files()))])

    async def message(self, id: str) -> KeptMessage | None:
        """Return a kept message, or None."""
        if _ID.fullmatch(id) is None:
            return None
        file = self.folder / f"{id}.eml"
        return await asyncio.to_thread(lambda: next(self._read(file), None))

    def _keep(self, id: UUID, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f"{id.hex}.draft"
        draft.write_bytes(content)
        draft.rename(draft.with_suffix(".eml"))
        for file in self._files()[:-MOST]:
            with suppress(FileNotFoundError):
                file.unlink()

    def _files(self) -> Sequence[Path]:
        return sorted(self.folder.glob("*.eml"))

    def _read(self, *files: Path) -> Iterator[KeptMessage]:
        """Yield the messages of files, without those that another process has removed."""
        for file in files:
            with suppress(FileNotFoundError):
                text = file.read_text(encoding="utf-8")  # headers may be in UTF-8 (RFC 6532)
                yield KeptMessage(file.stem, message_from_string(text, policy=policy.default))
