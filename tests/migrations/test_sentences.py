"""What `alembic` says to an operator where it cannot do its work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qgp.embedded.server import Server
from tests.migrations.conftest import administer, migrate

ALEMBIC = Path(sys.executable).with_name("alembic")
FILE_AS_EVIDENCE = """INSERT INTO evidence_items (organization_id, id, reference, subject_type,
    subject_id, title, kind, confidentiality, effective_on, collected_at, version, created_at,
    updated_at, attachment_id, sha256)
    SELECT id, id, 'EV-1', 'findings', id, 'A file', 'FILE', 'INTERNAL', now(), now(), 1, now(),
    now(), id, 'ab' FROM (SELECT gen_random_uuid() AS id) one"""
REVISION = "SELECT version_num FROM alembic_version"
COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_name = 'evidence_items' ORDER BY 1"""
NOWHERE = "postgresql://u:p@127.0.0.1:1/none"


def alembic(url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run `alembic` as an operator does."""
    return subprocess.run(
        [ALEMBIC, *words],
        env=os.environ | {"DATABASE_URL": url, "APP_ENV": "test"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_downgrade_past_data_that_does_not_fit_is_a_sentence_and_changes_nothing(
    fresh: Server,
) -> None:
    url = fresh.url("qgp")
    migrate(url, "0023")
    without_keys = "SET session_replication_role = replica"
    administer(fresh, without_keys, FILE_AS_EVIDENCE, database="qgp")
    before = administer(fresh, COLUMNS, database="qgp")
    ended = alembic(url, "downgrade", "0022")
    assert ended.returncode != 0
    assert ended.stdout.splitlines()[-1] == (
        'FAILED: The data do not fit this migration: check constraint "ck_evidence_items_kind" of '
        'relation "evidence_items" is violated by some row. Nothing of it was changed. Change or '
        "remove these rows, then run it again."
    )
    assert "Traceback" not in ended.stdout + ended.stderr
    assert administer(fresh, REVISION, database="qgp") == [["0023"]]
    assert administer(fresh, COLUMNS, database="qgp") == before
    assert administer(fresh, "SELECT kind FROM evidence_items", database="qgp") == [["FILE"]]


@pytest.mark.parametrize(
    ("url", "words", "message"),
    [
        (NOWHERE, ["current"], "The database does not answer: "),
        (NOWHERE, ["upgrade", "head"], "The database does not answer: "),
        ("nonsense", ["current"], "The configuration is refused:"),
    ],
)
def test_a_mistake_of_the_operator_is_a_sentence(url: str, words: list[str], message: str) -> None:
    ended = alembic(url, *words)
    assert ended.returncode != 0
    assert f"FAILED: {message}" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_database_and_a_revision_that_do_not_exist_are_sentences(fresh: Server) -> None:
    elsewhere = alembic(fresh.url("none"), "current")
    unknown = alembic(fresh.url("qgp"), "upgrade", "nope")
    assert "FAILED: DATABASE_URL: this database does not exist" in elsewhere.stdout
    assert "FAILED: Can't locate revision identified by 'nope'" in unknown.stdout
    assert "Traceback" not in elsewhere.stderr + unknown.stderr
