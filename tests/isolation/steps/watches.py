"""Watches of the owner."""

from tests.isolation.world import Step

STEPS = (
    Step("recordWatch", "watched", lambda world: {"id": world.ids["nc"]}),
    Step("recordWatch", "watched briefly", lambda world: {"id": world.ids["capa"]}),
    Step("recordUnwatch", "unwatched", lambda world: {"id": world.ids["capa"]}),
)
