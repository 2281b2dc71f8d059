"""The previous release and this one serve one database, before and after its migration."""

import time
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.embedded import Server
from tests.command_line import typed_at
from tests.rolling.release import THIS, Process, Release, unpack
from tests.servers import downgrade, migrate

LOG_IN = """mutation ($email: String!) {
  login(input: {email: $email, password: "try-the-demo"}) { accessToken errors { message } }
}"""
SITE = """mutation ($code: String!) {
  siteCreate(input: {code: $code, name: "Plant"}) { site { id version } errors { message } }
}"""
RENAME = """mutation ($id: ID!, $name: String!) {
  siteUpdate(input: {id: $id, expectedVersion: 1, name: $name}) {
    site { version } errors { message }
  }
}"""
FINDING = """mutation ($title: String!) {
  findingCreate(input: {grade: MINOR, sourceType: AUDIT, title: $title, statement: "None."}) {
    finding { id version } errors { message }
  }
}"""
COMMENT = """mutation ($id: ID!) {
  commentCreate(input: {subjectId: $id, body: "Seen."}) { comment { id } errors { message } }
}"""
ACTION = """mutation ($title: String!, $owner: ID!) {
  actionCreate(input: {title: $title, kind: FOLLOW_UP, ownerId: $owner, dueOn: "2027-01-01"}) {
    action { reference } errors { message }
  }
}"""
CAPA = """mutation ($title: String!, $finding: ID!) {
  capaCreate(input: {
    title: $title, problemStatement: "Two.", findingIds: [$finding], dueOn: "2027-01-01"
  }) {
    capa { reference findings { id } } errors { message }
  }
}"""
VIEWER = "{ viewer { user { id } } }"
SEEN = """query ($site: String!, $title: String!) {
  sites(filter: {code: {eq: $site}}) { nodes { name version } }
  findings(filter: {title: {eq: $title}}) {
    nodes { title version comments { nodes { body } } history { nodes { action } } }
  }
  capas(filter: {title: {eq: $title}}) { totalCount }
  actions(filter: {title: {eq: $title}}) { nodes { title owner { name } } }
}"""


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return unpack(tmp_path_factory.mktemp("previous"))


def write(process: Process, token: str, name: str) -> None:
    """Write a record of several kinds, in the name of the owner."""
    me = process.ask(VIEWER, token)["viewer"]["user"]["id"]
    site = created(process.ask(SITE, token, code=name), "site")
    assert created(process.ask(RENAME, token, id=site["id"], name=name), "site") == {"version": 2}
    finding = created(process.ask(FINDING, token, title=name), "finding")
    created(process.ask(COMMENT, token, id=finding["id"]), "comment")
    created(process.ask(ACTION, token, title=name, owner=me), "action")
    capa = created(process.ask(CAPA, token, title=name, finding=finding["id"]), "capa")
    assert len(capa["findings"]) == 1


def created(data: Any, record: str) -> Any:
    (payload,) = data.values()
    assert payload["errors"] == []
    return payload[record]


def sees(process: Process, token: str, name: str) -> bool:
    """Whether a process reads everything that was written under a name."""
    data = process.ask(SEEN, token, site=name, title=name)
    (finding,) = data["findings"]["nodes"]
    assert finding["comments"]["nodes"] == [{"body": "Seen."}]
    return (
        data["sites"]["nodes"] == [{"name": name, "version": 2}]
        and [row["title"] for row in data["actions"]["nodes"]] == [name]
        and data["capas"]["totalCount"] == 1
    )


def log_in(process: Process) -> str:
    payload = process.ask(LOG_IN, email="owner@demo.example")["login"]
    assert payload["errors"] == []
    token: str = payload["accessToken"]
    return token


def readiness(process: Process, expected: int) -> dict[str, str]:
    """Return what `/readyz` says, once it has the expected status."""
    deadline = time.monotonic() + 20
    while (answer := process.get("/readyz")).status_code != expected:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)
    body: dict[str, str] = answer.json()
    return body


def together(previous: Release, url: str, old: Process, new: Process) -> None:
    """Let both serve the database, then the previous release alone; this one's is stopped."""
    old_token, new_token = log_in(old), log_in(new)
    # Scenario 2 of the runbook: the previous release is started again, this one is stopped.
    with previous.serving(url) as restarted:
        write(old, old_token, "OLD")
        write(old, log_in(old), "AGAIN")
        for process, token in ((old, old_token), (new, new_token), (old, new_token)):
            assert all(sees(process, token, name) for name in ("BEFORE", "NEW", "OLD", "AGAIN"))
        restarted.await_life()
        assert new.stop() == 0
        assert old.stop() == 0
        write(restarted, log_in(restarted), "BACK")
        assert sees(restarted, old_token, "NEW")


def one_after_the_other(
    previous: Release, url: str, old: Process, new: Process, revision: str
) -> None:
    """Go back to a revision on which the previous release serves; then forth again."""
    readiness(old, 503)
    assert old.stop() == 0
    assert new.stop() == 0
    downgrade(url, revision)
    with previous.serving(url) as restarted:
        restarted.await_life()
        token = log_in(restarted)
        write(restarted, token, "BACK")
        assert all(sees(restarted, token, name) for name in ("BEFORE", "NEW", "BACK"))
        assert restarted.stop() == 0
    migrate(url, "head")
    with THIS.serving(url) as again:
        again.await_life()
        readiness(again, 200)
        token = log_in(again)
        assert all(sees(again, token, name) for name in ("BEFORE", "NEW", "BACK"))


def test_the_previous_release_and_this_one_serve_one_database_before_and_after_its_migration(
    previous: Release, fresh: Server, application: Application
) -> None:
    """At once, unless a migration declares a floor: then its downgrade is the rollback."""
    url = fresh.url()
    previous.qgp(url, "migrate", "seed demo --bare")
    with previous.serving(url) as old, THIS.serving(url) as new:
        old.await_life()
        write(old, log_in(old), "BEFORE")
        new.await_life()
        assert readiness(new, 503) == {
            "status": "unavailable", "migrations": "behind the code"
        }  # fmt: skip
        migrate(url, "head")
        assert readiness(new, 200) == {"status": "ready", "database": "connected"}
        write(new, log_in(new), "NEW")
        if (revision := previous.way_back()) is None:
            together(previous, url, old, new)
        else:
            one_after_the_other(previous, url, old, new, revision)
    with typed_at(sa.make_url(url), application) as qgp:
        ended = qgp("audit", "verify", "--organization", "demo")
    assert ended.exit_code == 0, ended.stderr
