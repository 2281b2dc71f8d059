"""Files in every state, at records of every kind that has some; some of them are evidence."""

import hashlib
from typing import Any

SUBJECTS = ("fnd_", "cap_", "act_", "aud_", "rsp_")


async def attachments(filling: Any, count: int) -> None:
    """Promise files; of four one stays promised, two are sent and one of them is deleted."""
    owners = [id for id in filling.ids.values() if id[:4] in SUBJECTS]
    for number in range(count):
        data = f"{number} {filling.text()}".encode()
        given = {"subjectId": owners[number % len(owners)], "filename": f"{number % 3}.txt"}
        given |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if number % 2:
            given["caption"] = filling.text()
        shown = "attachment { id } upload { url }"
        payload = await filling.api.do("fileUploadCreate", shown, **given)
        id = filling.ids["attachment"] = payload["attachment"]["id"]
        if number % 4:
            sent = await filling.api.http.put(payload["upload"]["url"], content=data)
            assert sent.status_code == 200, sent.text
        if number % 4 == 1:
            what = {"kind": "FILE", "attachmentId": id, "title": filling.text()}
            where = {"subjectId": given["subjectId"], "effectiveOn": "2026-11-01"}
            await filling.make("evidenceItemCreate", "evidenceItem", **what, **where)
        if number % 4 == 3:
            why = {"id": id, "expectedVersion": 2, "reason": filling.text()}
            await filling.make("attachmentDelete", "attachment", **why)
