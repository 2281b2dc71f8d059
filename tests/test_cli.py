import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import Result

from qgp import schema
from qgp.app import Application
from qgp.kit.visibility import NODES
from tests.command_line import Command
from tests.company import Client, Company, client
from tests.environment import application_of, clone, settings_for
from tests.kit.built import BUILT

GARDEN = Path("tests/standards/data/garden.oscal.json")


@pytest.fixture(scope="module")
async def database_url(server_url: sa.URL, worker_id: str) -> sa.URL:
    """A database with the organizations of these tests alone, all of which commands go through."""
    return await clone(server_url, f"cli_{worker_id}")


@pytest.fixture(scope="module")
async def application(database_url: sa.URL) -> AsyncIterator[Application]:
    application = application_of(settings_for(database_url))
    yield application
    await application.close()


def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@db.example.com/qgp")
    monkeypatch.setenv("SECRET_KEY", "v8Jq2LwXc5TzR1mYp9GdKs4HnB7fEa3U")
    monkeypatch.setenv("JWT_SECRET_KEY", "Zk6PbW0rVt3QxN8sMj5LgCh2DyF9uAe4")


def token_in(result: Result) -> str:
    return result.stdout.split('token: "')[1].split('"')[0]


async def signs_in(application: Application, token: str, password: str) -> dict[str, object]:
    """Accept an invitation, sign in, and return who it is."""
    async with client(application) as nobody:
        accepted = await nobody.do(
            "invitationAccept", "email organization", token=token, password=password
        )
        assert accepted["errors"] == []
        payload = await nobody.do(
            "login",
            "viewer { user { role } organization { slug name timeZone } }",
            email=accepted["email"],
            organization=accepted["organization"],
            password=password,
        )
        assert payload["errors"] == []
        viewer: dict[str, object] = payload["viewer"]
        return viewer


@pytest.fixture
def slug(company: Company) -> str:
    return company.slug


@pytest.fixture
def founded(qgp: Command, slug: str) -> Result:
    return qgp(
        *("organization", "create", "--slug", f"{slug}-new", "--name", "Acme"),
        *("--owner-email", f"o@{slug}.example", "--time-zone", "Europe/Lisbon"),
    )


async def test_the_owner_of_a_created_organization_accepts_and_signs_in(
    founded: Result, application: Application, slug: str
) -> None:
    assert founded.exit_code == 0
    assert await signs_in(application, token_in(founded), "a rather long sentence") == {
        "user": {"role": "OWNER"},
        "organization": {"slug": f"{slug}-new", "name": "Acme", "timeZone": "Europe/Lisbon"},
    }


@pytest.fixture
def invited(qgp: Command, slug: str) -> Result:
    return qgp(
        *("user", "invite", "--organization", slug, "--email", f"b@{slug}.example"),
        *("--name", "Bo", "--role", "lead_auditor"),
    )


async def test_an_invited_user_accepts_and_signs_in(
    invited: Result, application: Application, slug: str
) -> None:
    assert invited.exit_code == 0
    payload = await signs_in(application, token_in(invited), "quite another sentence")
    assert payload["user"] == {"role": "LEAD_AUDITOR"}


def test_a_second_invitation_is_another_token_for_the_same_user(
    qgp: Command, invited: Result, slug: str
) -> None:
    again = qgp(
        *("user", "invite", "--organization", slug, "--email", f"B@{slug}.example"),
        *("--name", "Bo", "--role", "owner"),
    )
    assert again.exit_code == 0
    assert again.stdout.splitlines()[0] == f"Bo <b@{slug}.example> is invited as LEAD_AUDITOR."
    assert token_in(again) != token_in(invited)


@pytest.fixture
def reset(qgp: Command, invited: Result, slug: str) -> list[Result]:
    words = ("short", "a third long sentence")
    address = f"B@{slug}.example"
    arguments = ("account", "password", "--email")
    results = [qgp(*arguments, address, typed=f"{word}\n") for word in words]
    return [*results, qgp(*arguments, f"nobody@{slug}.example", typed=f"{words[1]}\n")]


async def test_the_operator_chooses_a_password(
    reset: list[Result], invited: Result, application: Application
) -> None:
    short, _, unknown = reset
    assert [each.exit_code for each in reset] == [1, 0, 1]
    assert "12 to 128" in short.stderr
    assert "No account has the address" in unknown.stderr
    payload = await signs_in(application, token_in(invited), "a third long sentence")
    assert payload["user"] == {"role": "LEAD_AUDITOR"}


@pytest.fixture
def imported(qgp: Command, slug: str) -> list[Result]:
    return [qgp("standards", "import", "--organization", slug, str(GARDEN)) for _ in range(2)]


async def test_a_standard_is_imported_once(imported: list[Result], api: Client) -> None:
    first, second = imported
    assert [each.exit_code for each in imported] == [0, 0]
    assert "0 added" not in first.stdout
    assert second.stdout.endswith("0 added, 0 changed, 0 withdrawn\n")
    data = await api.ask("{ standards { nodes { origin } } }")
    assert data == {"standards": {"nodes": [{"origin": "IMPORTED"}]}}


def test_a_broken_file_is_refused_with_its_place(qgp: Command, slug: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"catalog": {"metadata": {"title": 7}}}))
    result = qgp("standards", "import", "--organization", slug, str(broken))
    assert result.exit_code == 1
    assert "/catalog/" in result.stderr
    assert "Traceback" not in result.output


def test_the_trail_is_verified(qgp: Command, founded: Result, slug: str) -> None:
    result = qgp("audit", "verify", "--organization", f"{slug}-new")
    assert (result.exit_code, result.stdout) == (0, f"The audit trail of {slug}-new is intact.\n")


def test_organizations_are_listed_with_their_state(
    qgp: Command, founded: Result, slug: str
) -> None:
    assert founded.exit_code == 0
    lines = qgp("organization", "list").stdout.splitlines()
    assert f"{slug}-new\tACTIVE\tAcme" in lines
    assert [line.split("\t")[0] for line in lines] == sorted(line.split("\t")[0] for line in lines)


DAILY = (
    ("audit", "verify"),
    ("findings", "expire"),
    ("capas", "recheck"),
    ("security-log", "expire"),
)


@pytest.mark.parametrize("command", DAILY)
def test_a_daily_command_has_its_turn_in_every_organization(
    qgp: Command, founded: Result, slug: str, command: tuple[str, str]
) -> None:
    assert founded.exit_code == 0
    done = qgp(*command, "--all-organizations")
    assert done.exit_code == 0
    listed = qgp("organization", "list").stdout.splitlines()
    slugs = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert slugs == [line.split("\t")[0] for line in listed]
    assert f"{slug}-new" in slugs


@pytest.mark.parametrize("command", DAILY)
def test_a_daily_command_requires_one_organization_or_all(
    qgp: Command, slug: str, command: tuple[str, str]
) -> None:
    for where in ([], ["--organization", slug, "--all-organizations"]):
        done = qgp(*command, *where)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "--organization SLUG and --all-organizations" in done.stderr


@pytest.fixture
async def tampered(company: Company) -> Company:
    """An organization in whose trail somebody has changed what was done."""
    edit = "UPDATE audit_entries SET action = 'edited' WHERE organization_id = :own"
    async with company.application.engine.begin() as connection:
        await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await connection.execute(sa.text(edit), {"own": company.organization_id})
    return company


def test_where_one_trail_is_broken_the_others_are_read_all_the_same(
    qgp: Command, founded: Result, slug: str, tampered: Company
) -> None:
    assert founded.exit_code == 0
    done = qgp("audit", "verify", "--all-organizations")
    assert done.exit_code == 1
    assert (
        f"{tampered.slug}: The audit trail of {tampered.slug} is broken at entry 1." in done.stderr
    )
    assert f"Failed in {tampered.slug}." in done.stderr
    assert f"{slug}-new: The audit trail of {slug}-new is intact." in done.stdout


def test_an_unknown_organization_is_named(qgp: Command) -> None:
    result = qgp("audit", "verify", "--organization", "nowhere")
    assert result.exit_code == 1
    assert result.stderr.startswith("There is no organization nowhere.")


def test_a_taken_slug_is_refused(qgp: Command, slug: str) -> None:
    again = ("--slug", slug, "--name", "Again", "--owner-email", "x@again.example")
    result = qgp("organization", "create", *again)
    assert result.exit_code == 1
    assert result.stderr.startswith("slug: Another organization has this slug.")


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--slug", "A B", "slug: "),
        ("--owner-email", "nonsense", "email: "),
        ("--time-zone", "Mars/Base", "timeZone: "),
    ],
)
def test_what_makes_no_sense_is_refused(
    qgp: Command, slug: str, option: str, value: str, message: str
) -> None:
    options = {"--slug": f"{slug}-x", "--name": "X", "--owner-email": f"x@{slug}.example"}
    arguments = [part for pair in (options | {option: value}).items() for part in pair]
    result = qgp("organization", "create", *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert qgp("audit", "verify", "--organization", f"{slug}-x").exit_code == 1


def test_migrating_again_changes_nothing(qgp: Command) -> None:
    assert qgp("migrate").exit_code == 0


def test_a_database_that_does_not_answer_is_a_sentence(
    qgp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden@127.0.0.1:1/qgp")
    result = qgp("audit", "verify", "--organization", "demo")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database does not answer")
    assert "hidden" not in result.output


def test_a_database_that_was_not_migrated_says_so(
    qgp: Command, server_url: sa.URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = server_url.set(database="postgres").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", empty)
    result = qgp("audit", "verify", "--organization", "demo")
    assert result.exit_code == 1
    assert "qgp migrate" in result.stderr


@pytest.mark.parametrize("command", [("seed", "demo"), ("dev",)])
def test_production_refuses_the_demo(
    qgp: Command, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    production(monkeypatch)
    result = qgp(*command)
    assert result.exit_code == 1
    assert "APP_ENV: is production" in result.stderr


def test_a_fit_configuration_is_shown_without_its_secrets(
    qgp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    production(monkeypatch)
    result = qgp("config", "check")
    assert result.exit_code == 0
    assert result.stdout.endswith("This configuration is valid for production.\n")
    assert "SECRET_KEY: is set\n" in result.stdout
    secrets = ("hidden", "v8Jq2", "Zk6Pb", "db.example.com")
    assert not any(secret in result.output for secret in secrets)


def test_an_invalid_configuration_is_reported_and_fails(
    qgp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "many")
    result = qgp("config", "check")
    assert result.exit_code == 1
    assert "PORT: " in result.stderr
    assert "many" not in result.output


def test_the_schema_is_exported_and_compared(qgp: Command, tmp_path: Path) -> None:
    file = tmp_path / "there" / "schema.graphql"
    stale = qgp("schema", "export", "--check", "--to", str(file))
    assert (stale.exit_code, stale.stderr) == (
        1,
        f"{file} differs from the schema of the code. Run: make schema\n",
    )
    assert qgp("schema", "export", "--to", str(file)).exit_code == 0
    assert file.read_text() == schema.sdl(BUILT)
    assert qgp("schema", "export", "--check", "--to", str(file)).exit_code == 0


def test_files_are_swept(qgp: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "files"
    monkeypatch.setenv("QGP_FILES_DIR", str(place))
    assert qgp("files", "sweep").stdout == (
        "Removed: 0 uploads without a file, 0 files, 0 drafts.\n"
    )
    stray = place / ("0" * 32) / "ab" / ("ab" + "0" * 62)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"stray")
    swept = qgp("files", "sweep")
    assert (swept.exit_code, swept.stdout) == (
        0,
        "Removed: 0 uploads without a file, 1 files, 0 drafts.\n",
    )
    assert not stray.exists()


def test_a_sweep_of_nowhere_says_what_is_missing(
    qgp: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "files").write_text("no folder")
    monkeypatch.setenv("QGP_FILES_DIR", str(tmp_path / "files" / "x"))
    result = qgp("files", "sweep", "--organization", "nowhere")
    assert result.exit_code == 1
    assert "There is no organization nowhere." in result.stderr


def test_a_command_knows_every_record_that_a_server_knows_and_a_worker_its_type() -> None:
    code = """if True:
        from qgp.app import Application
        from qgp.pools import create_engine
        from qgp.kit.gql.columns import name_fields
        from qgp.kit.visibility import NODES
        from qgp.settings import settings
        application = Application.of(settings(), create_engine(settings()))
        print(*NODES)
        application.background_work
        for loader in NODES.values(): name_fields(loader.model)"""
    url = "postgresql://u@127.0.0.1:1/none"
    keys = {"SECRET_KEY": "s" * 40, "JWT_SECRET_KEY": "j" * 40, "DATABASE_URL": url}
    command = [sys.executable, "-c", code]
    environment = os.environ | keys
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    with_schema = set(NODES)  # of this process, which has built the schema
    assert len(with_schema) > 20
    assert set(done.stdout.split()) == with_schema


def test_a_folder_that_cannot_keep_files_is_refused_before_anything_is_seeded(
    qgp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "file" / "files"
    folder.parent.touch()
    monkeypatch.setenv("QGP_FILES_DIR", str(folder))
    ended = qgp("seed", "demo")
    assert ended.exit_code == 1
    assert ended.stderr == (
        f"The folder {folder} cannot be written: Not a directory. "
        "Set QGP_FILES_DIR to a writable folder.\n"
    )
