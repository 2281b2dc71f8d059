"""A file that stays, and one that is deleted."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change


def _data(name: str) -> Callable[[World], bytes]:
    """Return a PDF, which browsers show."""
    return lambda world: f"%PDF-1.7\n{world.text(name)}\n%%EOF\n".encode()


def _promise(name: str) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        data = _data(name)(world)
        said = {"sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        texts = {"filename": world.text("file"), "caption": world.text("caption")}
        return {"subjectId": world.ids["task"], **said, **texts}

    return input_of


def _scan(world: World) -> dict[str, Any]:
    what = {"kind": "FILE", "attachmentId": world.ids["file"], "title": world.text("scan")}
    return {"subjectId": world.ids["task"], "effectiveOn": "2026-11-01", **what}


def _catalog(world: World) -> bytes:
    """Return an OSCAL catalog with one control."""
    parts = [{"name": "statement", "prose": world.text("statement")}]
    control = {"id": "c", "title": world.text("control"), "parts": parts}
    metadata = {"title": world.text("catalog"), "version": "3"}
    return json.dumps({"catalog": {"metadata": metadata, "controls": [control]}}).encode()


def _catalog_upload(world: World) -> dict[str, Any]:
    data = _catalog(world)
    said = {"sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {"subjectId": world.ids["task"], "filename": f"{world.text('catalog')}.json", **said}


def _import(file: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"attachmentId": world.ids[file], "supersedesId": world.ids["old"]}


def _rows(world: World) -> bytes:
    """Return a CSV file with one row, of a finding or an action."""
    title = world.text("of-an-upload")
    return f"grade,sourceType,title\nOFI,PROCESS,{title}\n".encode()


def _rows_upload(world: World) -> dict[str, Any]:
    data = _rows(world)
    said = {"sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {"subjectId": world.ids["task"], "filename": f"{world.text('rows')}.csv", **said}


def _rows_import(world: World) -> dict[str, Any]:
    return {"attachmentId": world.ids["rows"], "isDryRun": False}


STEPS = (
    Step("fileUploadCreate", "file", _promise("stays"), sends=_data("stays")),
    Step("fileUploadCreate", "catalog", _catalog_upload, sends=_catalog),
    Step("standardImport", "import", _import("catalog")),
    Step("standardImport", "refused", _import("file")),
    Step("fileUploadCreate", "rows", _rows_upload, sends=_rows),
    Step("findingsImport", "findings of an upload", _rows_import),
    Step("actionsImport", "wrong columns of an upload", _rows_import),
    Step("attachmentUpdate", "file", change("file", caption=str)),
    Step("evidenceItemCreate", "scan", _scan),
    Step("fileUploadCreate", "gone", _promise("goes"), sends=_data("goes")),
    Step("attachmentDelete", "gone", change("gone", reason=str)),
)
