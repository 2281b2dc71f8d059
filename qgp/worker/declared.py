"""Background work that the modules declare, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from qgp.kit.background_jobs import DailyJob, EventConsumer, Job

D = TypeVar("D", DailyJob, EventConsumer, Job)


@dataclass(frozen=True)
class Declared:
    """Kinds of jobs, daily jobs and consumers of events, by name."""

    jobs: Mapping[str, Job] = field(default_factory=dict)
    daily: Mapping[str, DailyJob] = field(default_factory=dict)
    consumers: Mapping[str, EventConsumer] = field(default_factory=dict)

    @classmethod
    def of(cls, exports: Iterable[object]) -> "Declared":
        """Collect what modules export; other objects are ignored.

        Raises:
            ValueError: two of one sort have one name.
        """
        values = list(dict.fromkeys(value for value in exports if isinstance(value, _SORTS)))
        return cls(
            jobs=_by_name((value.name, value) for value in values if isinstance(value, Job)),
            daily=_by_name(
                (value.action.value, value) for value in values if isinstance(value, DailyJob)
            ),
            consumers=_by_name(
                (value.name, value) for value in values if isinstance(value, EventConsumer)
            ),
        )


_SORTS = (DailyJob, EventConsumer, Job)


def _by_name(named: Iterable[tuple[str, D]]) -> Mapping[str, D]:
    collected = dict[str, D]()
    for name, value in named:
        if collected.setdefault(name, value) is not value:
            raise ValueError(f"background work {name} is declared twice")
    return collected
