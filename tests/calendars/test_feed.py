"""Calendar feeds: the entries of a user, by a private address that can be revoked."""

from collections.abc import AsyncIterator, Mapping, Set
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
from icalendar import Calendar
from starlette.applications import Starlette
from structlog.testing import capture_logs

from qgp.actions.model import ActionStatus
from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.calendar_feed.endpoint import DAYS_AHEAD, DAYS_BACK, CalendarFeeds
from qgp.calendar_feed.rate_limit import RateLimit
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import FindingStatus
from qgp.http.middleware import with_middleware
from qgp.kit import clock, ids
from qgp.kit.calendar_dates import CalendarEntry, Window, entries
from qgp.kit.model import Record
from qgp.kit.policy import Role
from qgp.kit.work import Work
from qgp.schema import calendar_dates
from qgp.standards.model import Clause
from qgp.texts.catalogue import texts_of
from tests import factories
from tests.company import Client, Company, Hiring, Person, client
from tests.kit.work import work_of

CREATE = "mutation { calendarFeedCreate { url calendarFeed { lastReadAt } errors { code } } }"
REVOKE = "mutation { calendarFeedRevoke { errors { code message } } }"
FEED = "{ viewer { calendarFeed { createdAt lastReadAt } } }"
TITLE = "Prüfmittel, überfällig; „Größe“ \\ n\nzweite Zeile " + "ä" * 100


def day(offset: int) -> date:
    """Return a day by its distance from today."""
    return clock.today() + timedelta(days=offset)


async def address_of(person: Person) -> str:
    """Create the feed of a person and return its address."""
    async with person.signed_in() as api:
        payload = (await api.ask(CREATE))["calendarFeedCreate"]
    assert (payload["calendarFeed"], payload["errors"]) == ({"lastReadAt": None}, [])
    url: str = payload["url"]
    return url


async def read(company: Company, url: str, **headers: str) -> httpx2.Response:
    """Ask for an address as a calendar does, without a token."""
    async with client(company.application) as nobody:
        return await nobody.http.get(url, headers=headers)


async def events_of(company: Company, person: Person) -> Mapping[str, Any]:
    """Return the events in the feed of a person, by UID."""
    response = await read(company, await address_of(person))
    assert response.status_code == 200, response.text
    calendar = Calendar.from_ical(response.content)
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


async def status_of(company: Company, url: str) -> tuple[int, str]:
    """Return status and error code of the response to a calendar."""
    response = await read(company, url)
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"]


def test_each_date_that_modules_declare_has_a_text() -> None:
    shown = [each for each in calendar_dates() if each.is_in_calendar]
    assert keys_of("dates_of") == {each.kind for each in shown}
    assert keys_of("records") == {each.model.__name__ for each in shown}


def keys_of(section: str) -> Set[str]:
    """Return the keys of a section of the texts."""
    keys = (key.partition(".") for key in texts_of("en").entries)
    return {name for kind, _, name in keys if kind == section}


async def test_entries_are_in_the_language_of_the_organization_and_link_to_the_frontend(
    company: Company,
) -> None:
    async with company.owner.signed_in() as api:
        id = ids.encode("org", company.organization_id)
        german = {"id": id, "expectedVersion": 1, "locale": "de-AT"}
        await api.do("organizationUpdate", "organization { id }", **german)
    async with work_of(company) as work:
        owner_id = company.owner.user_id
        action = await work.add(factories.action(owner_id=owner_id, due_on=day(1)))
    feeds = CalendarFeeds(company.application.database, calendar_dates(), "https://app.test")
    async with served(feeds) as http:
        response = await http.get(await address_of(company.owner))
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert event["summary"] == f"Maßnahme fällig: {action.reference} {action.title}"
    assert "CATEGORIES:Maßnahme" in response.text
    assert event["url"] == f"https://app.test/records/{action.public_id}"
    assert str(calendar["name"]).startswith("Qualität: ")


DATES = ["response-due", "closure-due", "accepted", "due", "effectiveness-due", "due", "target"]


def rows_of(user: UUID, other: UUID, clause: Clause) -> list[Record]:
    """Make a record with each of `DATES`, on the next days, which concerns a user."""
    return [
        factories.finding(FindingStatus.OPEN, owner_id=user, response_due_on=day(1)),
        factories.finding(FindingStatus.ACTION, owner_id=user, closure_due_on=day(2)),
        factories.finding(FindingStatus.ACCEPTED, owner_id=user, accepted_until=day(3)),
        factories.capa(CapaStatus.OPEN, owner_id=user, due_on=day(4)),
        review(owner_id=other, sponsor_id=user),
        factories.action(owner_id=user, due_on=day(6)),
        factories.clause_assessment(clause.id, owner_id=user, target_on=day(7)),
    ]


def review(**people: UUID) -> Record:
    """Make a CAPA whose effectiveness review is due."""
    owner_id, facts = people.pop("owner_id"), {"effectiveness_due_on": day(5)}
    return factories.capa(CapaStatus.EFFECTIVENESS, owner_id=owner_id, **people, **facts)


def unseen_by(user: UUID, other: UUID) -> list[Record]:
    """Make records of a user that are done, outside the window, or not theirs to read."""
    return [
        factories.action(ActionStatus.DONE, owner_id=user, due_on=day(1)),
        factories.action(owner_id=user, due_on=day(DAYS_AHEAD + 1)),
        factories.action(owner_id=user, due_on=day(-DAYS_BACK - 1)),
        review(owner_id=other, verified_by_id=user),  # an employee does not read it
    ]


async def add_audits(work: Work, auditee: UUID) -> list[Audit]:
    """Write an audit of an auditee, one that is cancelled, and one of nobody."""
    days = {"planned_start_on": day(3), "planned_end_on": day(4)}
    statuses = AuditStatus.SCHEDULED, AuditStatus.CANCELLED, AuditStatus.SCHEDULED
    audits = [await work.add(factories.audit(status, **days)) for status in statuses]
    for row in audits[:2]:
        await work.add(factories.audit_auditee(row.id, auditee))
    return audits


async def test_a_feed_has_each_kind_of_date_that_concerns_its_user_and_no_other(
    company: Company,
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    user, other = eve.user_id, company.owner.user_id
    async with work_of(company) as work:
        first = await work.add(factories.clause((await work.add(factories.standard())).id))
        second = await work.add(factories.clause(first.standard_id, number="2"))
        audits = await add_audits(work, user)
        rows = [await work.add(row) for row in rows_of(user, other, first)]
        for row in (*rows_of(other, other, second), *unseen_by(user, other)):
            await work.add(row)
        photo = factories.evidence_item(rows[0], expires_on=day(8), collected_by_id=user)
        await work.add(photo)
    named = [*zip(rows, DATES, strict=True), (audits[0], "planned"), (photo, "expires")]
    uids = [f"{row.public_id}-{name}" for row, name in named]
    events = await events_of(company, eve)
    assert set(events) == set(uids)
    dated = [event.decoded("dtstart") for event in map(events.__getitem__, uids)]
    assert dated == [*map(day, range(1, 8)), day(3), day(8)]
    audit, target = events[uids[-2]], events[uids[DATES.index("target")]]
    assert (audit.decoded("dtend"), target.decoded("dtend")) == (day(5), day(8))
    assert (str(audit["transp"]), str(target["transp"])) == ("OPAQUE", "TRANSPARENT")
    assert str(audit["summary"]) == f"Audit: {audits[0].reference} Gauges of the lab"
    assert str(target["summary"]).startswith("Implementation due: OWN")
    assert target["categories"].to_ical() == b"Clause assessment"
    assert int(audit["sequence"]) == audits[0].version
    assert target.decoded("last-modified") == rows[6].updated_at.replace(microsecond=0)


async def test_a_calendar_of_too_many_entries_has_those_nearest_to_today(company: Company) -> None:
    async with work_of(company) as work:
        for offset in (-3, 5, -8, 9):
            await work.add(factories.action(owner_id=work.caller.user_id, due_on=day(offset)))
        window = Window.around(day(0), back=DAYS_BACK, ahead=DAYS_AHEAD)
        statement = entries(calendar_dates(), work.caller, window, most=3)
        rows = [CalendarEntry(*row) for row in await work.tuples(statement)]
    assert [row.first for row in rows] == [day(-3), day(5), day(-8)]


async def test_a_text_of_any_characters_is_escaped_and_folded(company: Company) -> None:
    async with work_of(company) as work:
        row = await work.add(
            factories.action(owner_id=company.owner.user_id, due_on=day(1), title=TITLE)
        )
    response = await read(company, await address_of(company.owner))
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-cache"
    lines = response.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert {b"REFRESH-INTERVAL;VALUE=DURATION:PT1H", b"X-PUBLISHED-TTL:PT1H"} <= {*lines}
    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert str(event["summary"]) == f"Action due: {row.reference} {TITLE}"
    assert str(calendar["x-wr-calname"]) == f"Quality: {company.slug}"


async def test_a_calendar_gets_what_changed_only_and_the_user_sees_when_it_read(
    api: Client, company: Company
) -> None:
    url = await address_of(company.owner)
    response = await read(company, url)
    assert response.status_code == 200
    tag = response.headers["etag"]
    same = await read(company, url, **{"if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    feed = (await api.ask(FEED))["viewer"]["calendarFeed"]
    assert feed["lastReadAt"] >= feed["createdAt"]
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=company.owner.user_id, due_on=day(1)))
    changed = await read(company, url, **{"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_an_address_ends_with_its_rotation_revocation_and_user(
    api: Client, company: Company, hire: Hiring
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    first = await address_of(eve)
    second = await address_of(eve)
    gone = (404, "NOT_FOUND")
    assert await status_of(company, first) == gone
    assert (await read(company, second)).status_code == 200
    async with eve.signed_in() as hers:
        assert (await hers.ask(REVOKE))["calendarFeedRevoke"]["errors"] == []
        assert (await hers.ask(FEED))["viewer"]["calendarFeed"] is None
        (error,) = (await hers.ask(REVOKE))["calendarFeedRevoke"]["errors"]
        assert error["code"] == "NOT_FOUND"
    assert await status_of(company, second) == gone
    third, owners = await address_of(eve), await address_of(company.owner)
    suspended = await api.do("userSuspend", "user { status }", id=eve.id, expectedVersion=1)
    assert suspended["errors"] == []
    assert await status_of(company, third) == gone
    assert (await read(company, owners)).status_code == 200
    guest = await company.hire(Role.EMPLOYEE, valid_until=day(1))
    guests = await address_of(guest)
    assert (await read(company, guests)).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=2)):
        assert await status_of(company, guests) == gone
    other = await hire.company()
    theirs = await address_of(other.owner)
    prefix = len("http://qgp.test/calendar/") + 21  # the organization, and some of the secret
    wrong = [
        f"{owners[:prefix]}{theirs[prefix:]}",
        owners.replace(".ics", "x.ics"),
        f"{owners[:-6]}A.ics",
        "/calendar/%00.ics",
    ]
    for url in wrong:
        assert await status_of(company, url) == gone, url
    assert (await read(other, theirs)).status_code == 200


async def test_the_address_of_a_calendar_is_not_logged(company: Company) -> None:
    url = await address_of(company.owner)
    token = url.removeprefix("http://qgp.test/calendar/").removesuffix(".ics")
    assert len(token) == 64
    with capture_logs() as lines:
        async with client(company.application) as nobody:
            for path in (url, f"/calendar/{token}", f"/calendar/{token}x.ics"):
                await nobody.http.get(path)
            await nobody.http.post(url)
    assert [line["status"] for line in lines] == [200, 404, 404, 405]
    assert {line["path"] for line in lines} == {"/calendar/…"}
    assert token not in str(lines)
    assert lines[0]["user"] == company.owner.id


@asynccontextmanager
async def served(feeds: CalendarFeeds) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve feeds alone, within the block."""
    app = with_middleware(Starlette(routes=[feeds.route()]), origins=(), max_in_flight=10)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://qgp.test"
    ) as http:
        yield http


async def test_requests_to_a_calendar_and_to_wrong_addresses_are_limited(company: Company) -> None:
    url, hour = await address_of(company.owner), timedelta(hours=1)
    reads, failures = RateLimit("requests", 2, hour), RateLimit("wrong addresses", 2, hour)
    database = company.application.database
    feeds = CalendarFeeds(database, calendar_dates(), None, reads, failures)
    async with served(feeds) as http:
        answers = [await http.get(url) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 3590 <= int(answers[2].headers["retry-after"]) <= 3601
        (error,) = answers[2].json()["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        with clock.fixed(clock.now() + hour):
            assert (await http.get(url)).status_code == 200
            wrong = [(await http.get("/calendar/x.ics")).status_code for _ in range(3)]
            assert wrong == [404, 404, 429]
            assert (await http.get(url)).status_code == 429
