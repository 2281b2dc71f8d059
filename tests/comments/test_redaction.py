"""Former words of a comment are nowhere any more, and the chain verifies without them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from qgp.app import Application
from qgp.kit import audit, audit_content, clock, ids
from qgp.kit.clock import print_instant
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from tests.comments.comment_commands import at, say, task
from tests.company import Client, Company, Hiring
from tests.findings.finding_commands import done
from tests.kit.conftest import scratch
from tests.kit.work import refused, run, work_of

__all__ = ["scratch"]

HISTORY = """query ($id: ID!) { comment(by: {id: $id}) { body history { nodes {
    recordVersion action redactedFields
    changes { field before after isBeforeRedacted isAfterRedacted } } } } }"""
TRAIL = """query ($id: ID!) { trail(filter: {recordId: {eq: $id}}) { nodes {
    changes { field before after isBeforeRedacted isAfterRedacted } } } }"""
AS_OF = """query ($id: ID!, $at: DateTime!) { asOf(recordId: $id, at: $at) {
    fields { field value isRedacted } } }"""
VERIFY = "{ trailVerify { isIntact firstBroken { sequence problem } } }"
SECRET, BETTER = "Ann did it, I swear.", "Somebody did it."
Side = tuple[str | None, bool]


def bodies(nodes: Any) -> list[tuple[Side, Side]]:
    """Return what each entry says of the body: text and flag, before and after."""
    return [
        ((one["before"], one["isBeforeRedacted"]), (one["after"], one["isAfterRedacted"]))
        for node in nodes
        for one in node["changes"]
        if one["field"] == "body"
    ]


async def history(api: Client, comment: Any) -> Any:
    return (await api.ask(HISTORY, id=comment["id"]))["comment"]["history"]["nodes"]


async def body_at(api: Client, comment: Any, instant: str) -> tuple[str | None, bool]:
    """Return text and flag of the body at an instant."""
    fields = (await api.ask(AS_OF, id=comment["id"], at=instant))["asOf"]["fields"]
    (body,) = [field for field in fields if field["field"] == "body"]
    return body["value"], body["isRedacted"]


TABLES = """SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


async def whole_database(application: Application) -> str:
    """Return every row of every table as text."""
    async with application.engine.connect() as superuser:
        tables = await superuser.scalars(sa.text(TABLES))
        rows = [
            row
            for table in tables.all()
            for row in await superuser.scalars(sa.text(f"SELECT t::text FROM {table} t"))
        ]
    return "\n".join(rows)


async def is_intact(api: Client) -> bool:
    return bool((await api.ask(VERIFY))["trailVerify"]["isIntact"])


async def test_an_edit_and_a_deletion_remove_the_former_words_for_everybody(
    api: Client, company: Company
) -> None:
    comment = await say(api, await task(api, company.owner.id), SECRET, visibility="EXTERNAL")
    said = print_instant(clock.now())
    assert bodies(await history(api, comment)) == [((None, False), (SECRET, False))]
    assert await body_at(api, comment, said) == (SECRET, False)
    changed = at(comment, body=BETTER)
    edited = (await done(api, "commentUpdate", "comment { id version }", **changed))["comment"]
    better = print_instant(clock.now())
    nodes = await history(api, comment)
    assert bodies(nodes) == [((None, False), (None, True)), ((None, True), (BETTER, False))]
    assert [node["redactedFields"] for node in nodes] == [[], ["body"]]
    assert await body_at(api, comment, said) == (None, True)
    assert await body_at(api, comment, better) == (BETTER, False)
    await done(api, "commentDelete", "comment { id }", **at(edited))
    expected = [
        ((None, False), (None, True)),
        ((None, True), (None, True)),
        ((None, True), (None, False)),
    ]
    for person in (company.owner, await company.hire(Role.QUALITY_MANAGER)):
        async with person.signed_in() as reader:
            nodes = await history(reader, comment)
        assert bodies(nodes) == expected
        actions = [node["action"] for node in nodes]
        assert actions == ["commentCreate", "commentUpdate", "commentDelete"]
    assert bodies((await api.ask(TRAIL, id=comment["id"]))["trail"]["nodes"]) == expected
    assert await body_at(api, comment, better) == (None, True)
    assert await body_at(api, comment, print_instant(clock.now())) == (None, False)
    stored = await whole_database(company.application)
    assert SECRET not in stored
    assert BETTER not in stored
    assert await is_intact(api)


async def test_a_change_that_keeps_the_words_removes_none(api: Client, company: Company) -> None:
    comment = await say(api, await task(api, company.owner.id), SECRET)
    same = at(comment, body=SECRET, mentionIds=[company.owner.id])
    await done(api, "commentUpdate", "comment { id }", **same)
    nodes = await history(api, comment)
    assert bodies(nodes) == [((None, False), (SECRET, False))]
    assert [node["redactedFields"] for node in nodes] == [[], [], []]  # with the mention's
    assert await is_intact(api)


async def test_a_refused_change_removes_nothing(api: Client, company: Company) -> None:
    comment = await say(api, await task(api, company.owner.id), SECRET)
    stale = at({**comment, "version": 7}, body=BETTER)
    assert (await api.do("commentUpdate", **stale))["errors"][0]["code"] == "STALE_VERSION"
    assert bodies(await history(api, comment)) == [((None, False), (SECRET, False))]


MAKE = """INSERT INTO comments (organization_id, id, subject_type, subject_id, body, visibility,
    version, created_at, created_by_id, updated_at)
    VALUES (:owner, :id, 'act', :about, :body, 'INTERNAL', 1, :at, :who, :at)"""
CHANGE = """UPDATE comments SET body = :body, version = version + 1,
    deleted_at = :deleted WHERE id = :id"""


async def old_comment(company: Company, subject: str, *bodies: str | None) -> dict[str, Any]:
    """Write a comment as releases did that sealed the words themselves; None deletes it."""
    owner, id, at = company.organization_id, ids.uuid7(), clock.now()
    facts = {"owner": owner, "id": id, "at": at, "who": company.owner.user_id}
    facts["about"] = ids.split(subject)[1]
    async with company.application.database.write(Scope(owner)) as session:
        await session.execute(sa.text(MAKE), facts | {"body": bodies[0]})
        for body in bodies[1:]:
            changed = {"id": id, "body": body, "deleted": None if body else at}
            await session.execute(sa.text(CHANGE), changed)
        session.sync_session.info["payloads"] = [
            (
                audit_content.canonical(
                    {
                        "at": at.isoformat(timespec="microseconds"),
                        "actor_id": None,
                        "action": "old",
                        "entity": "comments",
                        "entity_id": str(id),
                        "entity_version": place,
                        "changes": {"body": pair},
                        "reason": None,
                        "request_id": None,
                    }
                ),
                None,
            )
            for place, pair in enumerate(zip((None, *bodies), bodies, strict=False), 1)
        ]
    return {"id": ids.encode("cmt", id), "version": len(bodies)}


async def test_entries_that_hold_the_words_verify_and_show_what_the_comment_still_says(
    company: Company, api: Client
) -> None:
    subject = await task(api, company.owner.id)
    edited = await old_comment(company, subject, SECRET, BETTER)
    deleted = await old_comment(company, subject, SECRET, None)
    hidden = ((None, False), (None, True))
    for comment, last in (
        (edited, ((None, True), (BETTER, False))),
        (deleted, ((None, True), (None, False))),
    ):
        nodes = (await api.ask(TRAIL, id=comment["id"]))["trail"]["nodes"]
        assert bodies(nodes) == [hidden, last]
    assert await is_intact(api)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_texts SET content = 'Ann did it.'", "TEXT_ALTERED"),
        ("UPDATE audit_texts SET salt = 'salt'", "TEXT_ALTERED"),
        ("UPDATE audit_texts SET entity_version = 2", "TEXT_ALTERED"),
        ("UPDATE audit_texts SET digest = 'digest'", "TEXT_MISSING"),
        ("DELETE FROM audit_texts", "TEXT_MISSING"),
        (
            """UPDATE audit_entries SET changes = jsonb_set(changes, '{body,1}',
            '{"salted_sha256": "digest"}') WHERE seq = :seq""",
            "DIFFERENT",
        ),
        (
            """UPDATE audit_entries SET payload = replace(payload, 'salted_', '')
            WHERE seq = :seq""",
            "ALTERED",
        ),
    ],
)
async def test_tampering_with_texts_is_found(
    scratch: Application, statement: str, problem: str
) -> None:
    company = await Hiring(scratch).company()
    async with company.owner.signed_in() as api:
        subject = await task(api, company.owner.id)
        gone = await say(api, subject, SECRET)
        await done(api, "commentDelete", "comment { id }", **at(gone))
        async with work_of(company) as work:
            before = (await work.tuples(sa.select(audit.AuditHead.seq)))[0].seq
        await say(api, subject, SECRET)
        assert await is_intact(api)
        async with scratch.engine.begin() as superuser:
            await superuser.execute(sa.text("SET LOCAL session_replication_role = replica"))
            place = {"seq": before + 1} if ":seq" in statement else {}
            await superuser.execute(sa.text(statement), place)
        verdict = (await api.ask(VERIFY))["trailVerify"]
    assert verdict["firstBroken"] == {"sequence": before + 1, "problem": problem}


async def test_the_database_removes_no_text_without_an_entry_that_tells_it(
    api: Client, company: Company
) -> None:
    await say(api, await task(api, company.owner.id), SECRET)
    assert await refused(company, "DELETE FROM audit_texts") == "QG001"
    assert await refused(company, "UPDATE audit_texts SET content = 'x'") == "42501"
    assert await refused(company, "TRUNCATE audit_texts") == "42501"
    for statement in ("UPDATE audit_texts SET content = 'x'", "TRUNCATE audit_texts"):
        async with company.application.engine.connect() as superuser:
            with pytest.raises(DBAPIError, match="append-only"):
                await superuser.execute(sa.text(statement))
    assert await is_intact(api)


async def test_a_text_of_another_organization_is_out_of_reach(
    api: Client, company: Company
) -> None:
    await say(api, await task(api, company.owner.id), SECRET)
    rival = await Hiring(company.application).company()
    await run(rival, "DELETE FROM audit_texts")
    assert await is_intact(api)
