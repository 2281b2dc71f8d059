"""Whether the viewer watches a record, as a field of the records that users can comment on."""

import strawberry

from qgp.kit.gql import Recorded, adds_to, interface_type, viewer_is
from qgp.kit.loader import One
from qgp.kit.subjects import SUBJECTS
from qgp.watches.facts import is_watched
from qgp.watches.policy import READ

_IS_WATCHED = (
    "Whether you watch the record (`recordWatch`), and so are notified of changes by others."
)


@interface_type
class Watchable(Recorded):
    """A record that users can watch (`recordWatch`): to be notified of its changes."""

    viewer_is_watching: bool = strawberry.field(description=_IS_WATCHED)


def _add(loader: One) -> None:  # type: ignore[type-arg]  # of any record
    @adds_to(loader)
    class OfRecord(Watchable):
        """Watch of a record."""

        viewer_is_watching: bool = viewer_is(READ, is_watched, _IS_WATCHED).make(loader.model)


for _loader in SUBJECTS.values():
    _add(_loader)
