"""Commands on sample sets: sizes, random numbers and results (ISO 19011:2018, A.6)."""

import hashlib
import secrets
from typing import Any
from uuid import UUID

from qgp.audits.commands.responses import answerable
from qgp.audits.model import SampleItem, SampleSet
from qgp.audits.model.terms import AuditStatus, SampleMethod
from qgp.audits.policy import READ_ITEMS
from qgp.kit.errors import Invalid, OutOfRange, between
from qgp.kit.work import Work

MOST_ITEMS = 200
MOST_POPULATION = 1_000_000_000


async def create(
    work: Work,
    *,
    audit_id: UUID,
    method: SampleMethod,
    seed: str | None,
    size: int,
    population_size: int,
    **values: Any,
) -> SampleSet:
    """Create a sample set; the numbers of a RANDOM one are drawn here, see `draw`.

    Args:
        work: the unit of work.
        audit_id: the audit, IN_PROGRESS.
        method: the sampling method.
        seed: for RANDOM alone; None lets the server choose one.
        size: 1 to 200, at most `population_size`.
        population_size: the number of items in the population.
        values: further columns.

    Raises:
        Invalid: sizes out of range, a seed for another method, an audit that is not IN_PROGRESS.
        Forbidden: the caller is not on the audit team, or an observer.
        NotFound: no such audit.
    """
    audit = await answerable(work, audit_id, AuditStatus.IN_PROGRESS)
    _sized(size, population_size)
    is_random = method is SampleMethod.RANDOM
    if seed is not None and not is_random:
        raise Invalid(
            "A seed was sent for a method other than RANDOM. Only RANDOM samples have one; leave "
            "seed out.",
            "seed",
        )
    if is_random and seed is None:
        seed = secrets.token_hex(8)
    sample = await work.add(
        SampleSet(
            audit_id=audit.id,
            method=method,
            seed=seed,
            size=size,
            population_size=population_size,
            **values,
        )
    )
    numbers: list[Any] = [None] * size
    if seed is not None:
        numbers = draw(seed, size=size, population=population_size)
    items = [
        SampleItem(sample_set_id=sample.id, position=place, number=number)
        for place, number in enumerate(numbers, start=1)
    ]
    await work.add(*items)
    return sample


async def record(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> SampleItem:
    """Record reference, result and evidence of a sample item.

    Raises:
        Invalid: the audit is not IN_PROGRESS.
        Forbidden: the caller is not on the audit team, or an observer.
        NotFound, StaleVersion: no such item, or another version of it.
    """
    item = await work.get(SampleItem, id, expected_version=expected_version, read=READ_ITEMS)
    sample = await work.get(SampleSet, item.sample_set_id)
    await answerable(work, sample.audit_id, AuditStatus.IN_PROGRESS, path="id")
    return await work.change(item, changes)


def _sized(size: int, population_size: int) -> None:
    if not 1 <= population_size <= MOST_POPULATION:
        raise OutOfRange(
            f"populationSize is {population_size}. A population has 1 to {MOST_POPULATION} "
            "items; send another number.",
            "populationSize",
            constraint=between(1, MOST_POPULATION),
        )
    if not 1 <= size <= min(MOST_ITEMS, population_size):
        message = (
            f"size is {size}. A sample has 1 to {MOST_ITEMS} items, at most its population; send "
            "another number."
        )
        raise OutOfRange(message, "size", constraint=between(1, min(MOST_ITEMS, population_size)))


def draw(seed: str, *, size: int, population: int) -> list[int]:
    """Return `size` different numbers from 1 to `population`, in order.

    For k = 1, 2, 3, … take the SHA-256 of the text `<seed>:<k>` in UTF-8 as one whole number, the
    first byte the most significant; its remainder by the population's size, plus 1, is drawn
    unless it was drawn before. Stop when there are as many as the sample's size, and put them in
    order. The same seed gives the same numbers on any machine.
    """
    numbers: set[int] = set()
    k = 0
    while len(numbers) < size:
        k += 1
        digest = hashlib.sha256(f"{seed}:{k}".encode()).digest()
        numbers.add(int.from_bytes(digest, "big") % population + 1)
    return sorted(numbers)
