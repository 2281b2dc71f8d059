"""Attachments of records: lists of measurements, kept in the storage of uploads."""

import asyncio
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from qgp.attachments.commands import attachments
from qgp.attachments.model import Attachment
from qgp.attachments.policy import CREATE
from qgp.demo.commands import DemoCommand
from qgp.demo.playback import Playback
from qgp.files.config import Files
from qgp.files.storage import Address
from qgp.kit.subjects import Subject

_STORE = DemoCommand(
    attachments.store, CREATE
)  # run when an upload is complete; it has no mutation


async def upload_measurements(
    playback: Playback, about: Subject, who: str, caption: str, chance: Random
) -> Attachment | None:
    """Attach a list of measurements to a record; None where no storage is configured."""
    storage = playback.work.services[Files].storage
    if storage is None:
        return None
    content = _rows(chance).encode()
    facts: dict[str, Any] = {"size_bytes": len(content), "sha256": sha256(content).hexdigest()}
    name = f"measurements-{chance.randrange(1000, 9999)}.csv"
    named = {"filename": name, "caption": caption}
    attachment = await playback.run(who, "fileUploadCreate", subject_id=about, **named, **facts)
    draft = storage.incoming / attachment.id.hex
    await asyncio.to_thread(_write, draft, content)
    await storage.keep(Address(playback.work.caller.organization_id, attachment.sha256), draft)
    stored: Attachment = await playback.execute(
        who, "fileStore", _STORE, None, {"id": attachment.id, "content_type": "text/csv"}
    )
    return stored


def _rows(chance: Random) -> str:
    lines = ["position,nominal,measured,tolerance"]
    for place in range(1, chance.randint(8, 20)):
        nominal = chance.choice((12.0, 25.0, 40.0, 65.0))
        lines.append(f"{place},{nominal:.2f},{nominal + chance.gauss(0, 0.01):.3f},0.02")
    return "\n".join(lines) + "\n"


def _write(draft: Path, content: bytes) -> None:
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.write_bytes(content)
