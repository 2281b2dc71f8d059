"""Files that are imported, as the tests write and send them."""

from typing import Any

from tests.company import Client

SHOWN = "isDryRun rows created problems { row column code message }"


async def send(
    api: Client, what: str, csv: str, *, is_dry_run: bool = False, **options: Any
) -> Any:
    """Import a file and return the payload."""
    fields = {"csv": csv, "isDryRun": is_dry_run, **options}
    return await api.do(f"{what}Import", SHOWN, **fields)


async def taken(api: Client, what: str, csv: str, **options: Any) -> int:
    """Import a file that is fit, and return how many records it made."""
    payload = await send(api, what, csv, **options)
    assert (payload["errors"], payload["problems"]) == ([], [])
    created: int = payload["created"]
    return created


async def problems(api: Client, what: str, csv: str, **options: Any) -> list[tuple[Any, ...]]:
    """Import a file that is wrong, and return where and how."""
    payload = await send(api, what, csv, **options)
    assert (payload["errors"], payload["created"]) == ([], 0)
    return [(p["row"], p["column"], p["code"]) for p in payload["problems"]]
