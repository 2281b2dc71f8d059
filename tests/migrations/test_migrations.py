"""Every migration goes up and down, and ends where the models are."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp import migrations, schema
from qgp.embedded.server import Server
from qgp.kit.model import Base
from tests.migrations.conftest import administer, check, migrate

LEFT = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relname !~ '^alembic_version'
    UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT polname FROM pg_policy ORDER BY 1"""
CHECKS = """SELECT conrelid::regclass || '.' || conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1"""
SHAPE = """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace UNION ALL
    SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public' UNION ALL
    SELECT tablename, policyname, coalesce(qual, '') || coalesce(with_check, ''), cmd
    FROM pg_policies UNION ALL
    SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '' FROM pg_trigger
    WHERE NOT tgisinternal UNION ALL
    SELECT table_name, grantee, privilege_type, '' FROM information_schema.role_table_grants
    WHERE table_schema = 'public' ORDER BY 1, 2, 3, 4"""


def test_there_is_one_head() -> None:
    assert len(migrations.Compatibility.of_code().heads) == 1


def test_every_step_can_be_taken_back_alone_and_again(fresh: Server) -> None:
    """Down to nothing, and up to the same shapes."""
    url, shapes = fresh.url("qgp"), []
    migrate(url, "head")
    for _ in ScriptDirectory.from_config(migrations.config()).walk_revisions():
        shapes.append(administer(fresh, SHAPE, database="qgp"))
        migrate(url, "-1")
    assert administer(fresh, LEFT, database="qgp") == []
    assert len(shapes[0]) > 300
    for shape in reversed(shapes):
        migrate(url, "+1")
        assert administer(fresh, SHAPE, database="qgp") == shape


def test_models_and_migrations_never_differ(database_url: sa.URL) -> None:
    check(database_url.render_as_string(hide_password=False))


async def test_checks_of_models_and_migrations_never_differ(engine: AsyncEngine) -> None:
    """Alembic's own comparison does not look at them."""
    schema.import_models()
    async with engine.connect() as connection:
        found = [*await connection.scalars(sa.text(CHECKS))]
    assert found == sorted(
        f"{table}.{rule.name}"
        for table in Base.metadata.tables.values()
        for rule in table.constraints
        if isinstance(rule, sa.CheckConstraint)
    )


def test_every_migration_gives_up_rather_than_wait() -> None:
    for script in ScriptDirectory.from_config(migrations.config()).walk_revisions():
        source = Path(script.path).read_text()
        (body,) = re.findall(r"def upgrade\(\) -> None:\n    (.*)\n", source)
        assert body == "migrating.start()", script.path


def test_addresses_get_their_domain_in_a_labels_and_back(fresh: Server) -> None:
    url = fresh.url("qgp")
    migrate(url, "0029")
    account = "INSERT INTO accounts (id, email, created_at) VALUES (gen_random_uuid(), '{}', now())"
    own = "gen_random_uuid() AS id, 'One' AS name, 'one' AS slug, 'UTC' AS zone"
    administer(
        fresh,
        "SET session_replication_role = replica",  # without a trail
        account.format("ann@müller.example"),
        account.format("bob@weiß.example"),
        account.format("bob@xn--wei-7ka.example"),
        account.format("zoë@plain.example"),
        f"""WITH own AS (SELECT {own})
        INSERT INTO organizations (organization_id, id, name, slug, time_zone, locale, currency,
            status, version, created_at, updated_at)
        SELECT id, id, name, slug, zone, 'en', 'EUR', 'ACTIVE', 1, now(), now() FROM own""",
        """INSERT INTO users (organization_id, id, account_id, email, name, role, status,
            access_version, version, created_at, updated_at)
        SELECT o.id, gen_random_uuid(), a.id, a.email, 'User', 'OWNER', 'ACTIVE', 1, 1, now(), now()
        FROM organizations o, accounts a""",
        database="qgp",
    )
    emails = "SELECT email FROM accounts UNION ALL SELECT email FROM users ORDER BY 1"
    before = administer(fresh, emails, database="qgp")
    migrate(url, "0030")
    renamed = ["ann@xn--mller-kva.example", "bob@weiß.example", "bob@xn--wei-7ka.example"]
    expected = sorted(2 * [*renamed, "zoë@plain.example"])
    assert sorted(row[0] for row in administer(fresh, emails, database="qgp")) == expected
    migrate(url, "-1")
    assert administer(fresh, emails, database="qgp") == before


def test_the_oldest_supported_postgresql_has_the_same_shape(oldest: Server, fresh: Server) -> None:
    shapes = []
    for server in (oldest, fresh):
        migrate(server.url("qgp"), "head")
        shapes.append(administer(server, SHAPE, database="qgp"))
    check(oldest.url("qgp"))
    ours = ["TRUNCATE", "MAINTAIN"]  # an owner's privileges differ by version
    assert [row for row in shapes[0] if row[2] not in ours] == [
        row for row in shapes[1] if row[2] not in ours and not row[1].endswith("_not_null")
    ]
    migrate(oldest.url("qgp"), "base")
    assert administer(oldest, LEFT, database="qgp") == []
