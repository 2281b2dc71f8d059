"""GraphQL type of watches."""

from datetime import datetime
from typing import Any

from qgp.kit.gql import LISTED, Info, column, computed, record
from qgp.kit.subjects import loader_of
from qgp.watches import model
from qgp.watches.refs import WatchableRef


async def _record(root: Any, info: Info) -> Any:
    return await info.context.load(loader_of(root.subject_type), root.subject_id)


@record(model.Watch)
class Watch:
    """Record that you watch, and may read now."""

    record: WatchableRef | None = computed(_record, "The record.")
    created_at: datetime = column("Instant since which you watch it.", LISTED)
