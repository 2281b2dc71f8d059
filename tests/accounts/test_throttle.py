from datetime import UTC, datetime, timedelta

import pytest

from qgp.accounts.commands.throttle import History, free_at
from qgp.authentication.origins import exact, network

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(*seconds: float) -> list[datetime]:
    return [NOW - timedelta(seconds=each) for each in seconds]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_people_of_one_network_count_together(address: str, expected: str) -> None:
    assert network(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.77/32"),
        ("::ffff:203.0.113.77", "203.0.113.77/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_an_exact_address_is_what_one_subscriber_has(address: str, expected: str) -> None:
    assert exact(address) == expected


def test_four_failures_cost_nothing() -> None:
    assert free_at(History(from_network=ago(1, 2, 3, 4), anywhere=[], network=[])) is None


@pytest.mark.parametrize(
    ("failures", "seconds"), [(5, 2), (6, 4), (9, 32), (13, 512), (14, 900), (500, 900)]
)
def test_from_the_fifth_on_the_wait_doubles_up_to_a_quarter_of_an_hour(
    failures: int, seconds: int
) -> None:
    history = History(from_network=ago(*range(failures)), anywhere=[], network=[])
    assert free_at(history) == NOW + timedelta(seconds=seconds)


def test_a_network_waits_until_it_has_fewer_than_20_failures() -> None:
    assert free_at(History(from_network=[], anywhere=[], network=ago(*range(19)))) is None
    history = History(from_network=[], anywhere=[], network=ago(*range(20)))
    assert free_at(history) == NOW - timedelta(seconds=19) + timedelta(minutes=15)


def test_a_network_does_not_wait_where_the_owner_got_in_lately() -> None:
    assert free_at(History([], [], ago(*range(20)), is_known=True)) is None
    assert free_at(History(ago(*range(5)), [], ago(*range(20)), is_known=True)) is not None


def test_an_attacked_account_waits_briefly_and_not_where_its_owner_got_in() -> None:
    attacked = ago(*range(100))
    assert free_at(History([], attacked, [])) == NOW + timedelta(seconds=30)
    assert free_at(History([], attacked, [], is_known=True)) is None
    assert free_at(History([], attacked[1:], [])) is None
