"""Commands on one's own preferences: frequencies by kind and channel, and quiet hours."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from qgp.kit.errors import Invalid, OutOfRange, enumerated
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.session import Database
from qgp.kit.work import Work
from qgp.mail.unsubscribe import Subscription
from qgp.notifications.facts import DIGEST, frequencies_of
from qgp.notifications.model import (
    DEFAULTS,
    DIGEST_FREQUENCIES,
    IN_APP_FREQUENCIES,
    NotificationChannel,
    NotificationFrequency,
    NotificationKind,
    NotificationPreference,
    QuietHours,
)
from qgp.users.facts import user_unfiltered

_MAIL, _OFF = NotificationChannel.MAIL, NotificationFrequency.OFF


class Choice(NamedTuple):
    """Frequency of a kind of notification and a channel; None for the default."""

    kind: NotificationKind
    channel: NotificationChannel
    frequency: NotificationFrequency | None


async def choose(work: Work, user_id: UUID, choices: Sequence[Choice]) -> None:
    """Store the frequencies that a user chooses; those that are the default are not stored.

    Raises:
        Invalid: a digest of IN_APP, or two choices for one kind and channel.
    """
    for place, choice in enumerate(choices):
        _require_possible(choice, choices[:place], str(place))
    key = {"organization_id": work.caller.organization_id, "user_id": user_id}
    row = NotificationPreference
    is_chosen = sa.tuple_(row.kind, row.channel).in_([choice[:2] for choice in choices])
    await work.session.execute(sa.delete(row).where(row.user_id == user_id, is_chosen))
    for choice in sorted(choices, key=lambda choice: choice[:2]):
        if choice.frequency not in {None, DEFAULTS[choice[:2]]}:
            statement = insert(row).values(**key, **choice._asdict())
            # Another request of the same user may have stored one meanwhile.
            statement = statement.on_conflict_do_update(
                index_elements=[*key, "kind", "channel"], set_={"frequency": choice.frequency}
            )
            await work.session.execute(statement)


def _require_possible(choice: Choice, earlier: Sequence[Choice], place: str) -> None:
    if choice[:2] in {other[:2] for other in earlier}:
        message = (
            f"`preferences` has {choice.kind.value} with {choice.channel.value} twice. Send each "
            "kind and channel once."
        )
        raise Invalid(message, "preferences", place)
    is_in_app = choice.channel is NotificationChannel.IN_APP
    if is_in_app and choice.frequency not in {None, *IN_APP_FREQUENCIES}:
        message = (
            f"{choice.frequency} is a digest, which the channel IN_APP does not have. Send OFF or "
            "INSTANT."
        )
        rule = enumerated(each.value for each in IN_APP_FREQUENCIES)
        raise Invalid(message, "preferences", place, "frequency", constraint=rule)


async def set_quiet_hours(work: Work, start: time, end: time) -> None:
    """Store the caller's quiet hours.

    Raises:
        OutOfRange: they end when they start.
    """
    if start == end:
        message = (
            "`endTime` is `startTime`. Send two different times, or null in place of `quietHours` "
            "for none."
        )
        raise OutOfRange(message, "quietHours", "endTime")
    key = {"organization_id": work.caller.organization_id, "user_id": work.caller.user_id}
    times = {"start_time": start, "end_time": end}
    statement = insert(QuietHours).values(**key, **times)
    statement = statement.on_conflict_do_update(index_elements=[*key], set_=times)
    await work.session.execute(statement)


async def remove_quiet_hours(work: Work) -> None:
    """Delete the caller's quiet hours, if there are any."""
    is_own = QuietHours.user_id == work.caller.user_id
    await work.session.execute(sa.delete(QuietHours).where(is_own))


async def turn_off(database: Database, subscription: Subscription) -> None:
    """Turn off mail of a kind, or of all kinds in digests; repeated, it changes nothing.

    For `MailPreferences`: the address in a message does this without a sign-in.
    """
    id, user_id = subscription.organization_id, subscription.user_id
    async with operating(database, id, OperatorAction.MAIL_UNSUBSCRIBE) as work:
        if await user_unfiltered(work.session, user_id) is None:
            return
        frequencies = await frequencies_of(work, [user_id])
        present = {kind: frequencies.of(user_id, kind, _MAIL) for kind in NotificationKind}
        kinds = _kinds_of(subscription.kind, present)
        await choose(work, user_id, [Choice(kind, _MAIL, _OFF) for kind in kinds])


def _kinds_of(
    name: str, present: Mapping[NotificationKind, NotificationFrequency]
) -> Sequence[NotificationKind]:
    """Return the kinds that the name in an address stands for."""
    if name == DIGEST:
        return [kind for kind, frequency in present.items() if frequency in DIGEST_FREQUENCIES]
    return [kind for kind in present if kind.value == name]
