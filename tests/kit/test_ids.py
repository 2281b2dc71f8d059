"""Ids: of their time, and each beyond the one before."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import pytest

from qgp.kit.errors import Invalid
from qgp.kit.ids import decode, encode, uuid7

MANY = 20_000


def test_ids_are_of_version_seven_and_of_their_time() -> None:
    before = time.time_ns() // 1_000_000
    id = uuid7()
    assert id.version == 7
    assert before <= id.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_rise_within_a_millisecond() -> None:
    ids = [uuid7() for _ in range(MANY)]
    assert all(earlier < later for earlier, later in pairwise(ids))


def test_an_id_is_the_same_as_one_of_the_standard_library() -> None:
    id = uuid7()
    other = UUID(str(id))
    assert (id, hash(id), id.bytes, id.int) == (other, hash(other), other.bytes, other.int)
    assert decode("fnd", encode("fnd", id), "id") == other


def test_threads_share_no_id() -> None:
    with ThreadPoolExecutor(4) as threads:
        ids = [*threads.map(lambda _: uuid7(), range(MANY))]
    assert len(set(ids)) == MANY


def test_a_foreign_id_is_refused_with_the_kind_that_is_wanted() -> None:
    for prefix, kind in (("aud", "an Audit"), ("usr", "a User"), ("fnd", "a Finding")):
        with pytest.raises(Invalid) as refused:
            decode(prefix, "cls_0", "id")
        assert refused.value.message == f"Expected the id of {kind} ({prefix}_…)."
