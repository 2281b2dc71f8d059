"""Models, database and walls agree: the organization is in every key, every table is behind."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.kit.model import Base, records
from qgp.kit.visibility import NODES
from tests.kit.conftest import OWNED

OUTSIDE = {"accounts", "refresh_tokens", "account_events", "password_resets"}
GLOBAL = {"organizations"}  # unique among all of them: the organization itself, and its slug


async def rows_of(application: Application, statement: str) -> list[Any]:
    async with application.engine.connect() as connection:
        return list((await connection.execute(sa.text(statement))).all())


def test_only_accounts_and_migrations_stand_outside_the_organizations() -> None:
    owned = {table.name for table in OWNED}
    assert set(Base.metadata.tables) - owned == OUTSIDE | {"applied_migrations"}


async def test_every_table_of_an_organization_is_walled_in(application: Application) -> None:
    walls = await rows_of(
        application,
        """SELECT
            regexp_replace(c.relname, CASE WHEN c.relispartition THEN '_[^_]+$' ELSE '' END, ''),
            c.relrowsecurity, c.relforcerowsecurity, p.polcmd, p.polpermissive,
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE p.polname = 'own_rows'""",
    )
    assert {row[0] for row in walls} == {table.name for table in OWNED}
    for _, secured, forced, command, permissive, seen, written in walls:
        assert (secured, forced, command, permissive) == (True, True, b"*", True)
        assert seen == written
        assert "current_setting('app.organization_id'" in seen


async def test_further_policies_are_the_documented_ones(application: Application) -> None:
    """Each widens what a transaction sees before it has an organization."""
    policies = await rows_of(
        application,
        """SELECT polrelid::regclass::text, polname FROM pg_policy
        WHERE polpermissive AND polname NOT IN ('own_rows', 'backup_rows') ORDER BY 1, 2""",
    )
    assert [tuple(row) for row in policies] == [
        ("audit_heads", "known_to_operator"),
        ("daily_runs", "known_to_operator"),
        ("log_ins", "own_account"),
        ("organizations", "known_by_name"),
        ("organizations", "known_to_operator"),
        ("organizations", "own_memberships"),
        ("outbox_cursors", "known_to_operator"),
        ("outbox_events_default", "expired"),
        ("outbox_events_default", "known_to_operator"),
        ("users", "own_account"),
    ]


async def test_backups_read_every_table_with_row_security_as_their_role_alone(
    application: Application,
) -> None:
    policies = await rows_of(
        application,
        """SELECT c.relname, p.polcmd, p.polroles::regrole[]::text,
            pg_get_expr(p.polqual, p.polrelid)
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'backup_rows'
        WHERE c.relrowsecurity""",
    )
    assert {row[0] for row in policies} >= {table.name for table in OWNED}
    assert {tuple(row[1:]) for row in policies} == {
        (b"r", "{qgp_backup}", "(CURRENT_USER = 'qgp_backup'::name)")
    }


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
async def test_every_unique_index_begins_with_the_organization(
    application: Application, table: sa.Table
) -> None:
    """Otherwise it would tell one organization what another one has."""
    indexes = await rows_of(
        application,
        f"""SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND i.indrelid = '{table}'::regclass ORDER BY 1""",
    )
    blind = {index: column for index, column in indexes if column != "organization_id"}
    assert blind == (
        {"uq_organizations_id": "id", "uq_organizations_slug": "slug"}
        if table.name in GLOBAL
        else {}
    )


def _names(side: str) -> str:
    """The columns of one side of a foreign key, in order."""
    return f"""(SELECT array_agg(attname::text ORDER BY place)
        FROM unnest({side}key) WITH ORDINALITY k(number, place)
        JOIN pg_attribute ON attrelid = {side}relid AND attnum = number)"""


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
async def test_every_foreign_key_holds_the_organization(
    application: Application, table: sa.Table
) -> None:
    keys = await rows_of(
        application,
        f"""SELECT conname, confrelid::regclass::text, {_names("con")}, {_names("conf")}
        FROM pg_constraint WHERE contype = 'f' AND conrelid = '{table}'::regclass""",
    )
    for name, target, columns, referenced in keys:
        if target in OUTSIDE:
            continue
        assert columns[0] == "organization_id", name
        assert referenced == (
            ["id"] if columns == ["organization_id"] else ["organization_id", "id"]
        ), name


async def test_every_record_is_guarded_by_the_trail(application: Application) -> None:
    triggers = await rows_of(
        application,
        """SELECT tgrelid::regclass::text, tgname FROM pg_trigger
        WHERE NOT tgisinternal AND tgdeferrable AND tginitdeferred AND tgenabled = 'O'""",
    )
    guarded = {table for table, trigger in triggers if trigger == "change_has_entry"}
    assert guarded == set(records())
    assert [table for table, trigger in triggers if trigger == "entry_has_change"] == [
        "audit_entries"
    ]


async def test_the_check_of_entries_has_a_prepared_statement_for_every_record(
    application: Application,
) -> None:
    body = await rows_of(
        application, "SELECT prosrc FROM pg_proc WHERE proname = 'entry_has_change'"
    )
    assert set(re.findall(r"WHEN '(\w+)'", body[0][0])) == set(records())


@pytest.mark.parametrize("table", sorted(records()))
def test_every_record_knows_its_version_and_its_prefix(table: str) -> None:
    kind = records()[table]
    mapper: Any = sa.inspect(kind)
    assert mapper.version_id_col is kind.__table__.c.version
    assert 2 <= len(kind.prefix) <= 6
    assert [column.name for column in mapper.primary_key] == ["organization_id", "id"]


def test_no_two_kinds_share_a_prefix() -> None:
    prefixes = [kind.prefix for kind in records().values()]
    assert len(prefixes) == len(set(prefixes))


def _is_link(model: Any) -> bool:
    """Say whether each pair of two records has at most one row, so that it links them."""
    unique = (rule for rule in model.__table__.constraints if isinstance(rule, sa.UniqueConstraint))
    ends = ([column for column in rule.columns if column.info.get("ref")] for rule in unique)
    return any(len(pair) == 2 and not any(end.nullable for end in pair) for pair in ends)


def test_every_link_belongs_to_the_history_of_one_record() -> None:
    kinds = records()
    parts = {table: kind for table, kind in kinds.items() if kind.part_of}
    for table, part in parts.items():
        column = part.__table__.c[part.part_of or ""]
        owner = kinds[column.info["ref"]]
        assert not column.nullable, table
        assert owner.part_of is None, f"{table}: a part has no parts"
        readers = NODES[owner.prefix].read.roles
        assert readers <= NODES[part.prefix].read.roles, f"{table}: hidden from readers of {owner}"
    links = {table for table, kind in kinds.items() if _is_link(kind)}
    assert links - parts.keys() == {"audit_responses"}  # with a history of its own


async def test_closed_sets_are_texts_with_a_check(application: Application) -> None:
    """PostgreSQL's own enums lose their index under row level security."""
    native = await rows_of(application, "SELECT typname FROM pg_type WHERE typtype = 'e'")
    assert native == [("pgqueuer_status",)]  # of a library, in tables without row level security


async def test_every_instant_knows_its_zone(application: Application) -> None:
    naive = await rows_of(
        application,
        """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'""",
    )
    assert naive == []


async def test_only_an_ended_sign_in_has_its_error_code(application: Application) -> None:
    """The end of a sign-in is recognized by its code, and the command is then executed anew."""
    rows = await rows_of(
        application,
        "SELECT proname FROM pg_proc WHERE prosrc LIKE '%QG004%'",
    )
    assert [name for (name,) in rows] == ["require_sign_in"]
