"""Error messages of `alembic` for operators."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers import administer, alembic, downgrade

ALEMBIC = Path(sys.executable).with_name("alembic")
FILE_AS_EVIDENCE = """INSERT INTO evidence_items (organization_id, id, reference, subject_type,
    subject_id, title, kind, confidentiality, effective_on, collected_at, version, created_at,
    updated_at, attachment_id, sha256)
    SELECT id, id, 'EV-1', 'findings', id, 'A file', 'FILE', 'INTERNAL', now(), now(), 1, now(),
    now(), id, 'ab' FROM (SELECT gen_random_uuid() AS id) one"""
REVISION = "SELECT version_num FROM alembic_version"
COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_name = 'evidence_items' ORDER BY 1"""


def test_a_downgrade_past_data_that_does_not_fit_is_a_sentence_and_changes_nothing(
    at_head: sa.URL,
) -> None:
    url, name = at_head.render_as_string(hide_password=False), str(at_head.database)
    downgrade(url, "0023")
    without_keys = "SET session_replication_role = replica"
    administer(at_head, without_keys, FILE_AS_EVIDENCE, database=name)
    before = administer(at_head, COLUMNS, database=name)
    code, output = alembic(url, "downgrade", "0022")
    assert code != 0
    assert output.endswith(
        "FAILED: Rows of the database violate this migration: check constraint "
        '"ck_evidence_items_kind" of relation "evidence_items" is violated by some row. '
        "Nothing was changed. Change or remove these rows, then migrate again."
    )
    assert "Traceback" not in output
    assert administer(at_head, REVISION, database=name) == [["0023"]]
    assert administer(at_head, COLUMNS, database=name) == before
    assert administer(at_head, "SELECT kind FROM evidence_items", database=name) == [["FILE"]]


@pytest.mark.parametrize("words", [["current"], ["upgrade", "head"]])
def test_a_database_that_does_not_answer_is_a_sentence(words: list[str]) -> None:
    code, output = alembic("postgresql://u:p@127.0.0.1:1/none", *words)
    assert code != 0
    assert "FAILED: The database does not answer: " in output
    assert "Traceback" not in output


def test_a_configuration_that_is_refused_is_a_sentence_of_the_program() -> None:
    """In a process of its own, as an operator runs it; the other sentences come the same way."""
    ended = subprocess.run(
        [ALEMBIC, "current"],
        env=os.environ | {"DATABASE_URL": "nonsense", "APP_ENV": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "FAILED: The configuration is refused:" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_database_and_a_revision_that_do_not_exist_are_sentences(at_head: sa.URL) -> None:
    elsewhere = at_head.set(database="none").render_as_string(hide_password=False)
    code, output = alembic(elsewhere, "current")
    assert code != 0
    assert "FAILED: The database of DATABASE_URL does not exist" in output
    assert "Traceback" not in output
    code, output = alembic(at_head.render_as_string(hide_password=False), "upgrade", "nope")
    assert code != 0
    assert "FAILED: Can't locate revision identified by 'nope'" in output
    assert "Traceback" not in output
