"""Watches of the owner."""

from tests.isolation.world import Step

STEPS = (
    Step("recordWatch", "watched", lambda world: {"id": world.ids["nc"]}),
    Step("recordUnwatch", "unwatched", lambda world: {"id": world.ids["capa"]}),
)
