"""`qgp export` and `qgp import`, as an operator types them."""

import json
from pathlib import Path

import pytest

from qgp.app import Application
from qgp.cli import csv_files
from tests.command_line import Command
from tests.company import Client, Company
from tests.exchange import many
from tests.exchange.files import table


@pytest.fixture
async def slug(company: Company, api: Client) -> str:
    """An organization with three sites."""
    for code in ("B", "A", "C"):
        await api.do("siteCreate", code=code, name=f"={code}")
    return company.slug


def test_a_list_goes_to_standard_output(qgp: Command, slug: str) -> None:
    filter, order = {"code": {"in": ["A", "B"]}}, [{"field": "CODE", "direction": "DESC"}]
    done = qgp(
        *("export", "sites", "--organization", slug, "--columns", "code, name"),
        *("--filter", json.dumps(filter), "--order-by", json.dumps(order)),
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout_bytes == b"code,name\r\nB,'=B\r\nA,'=A\r\n"


def test_a_list_goes_to_a_file(qgp: Command, slug: str, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("before")
    done = qgp("export", "sites", "--organization", slug, "--output", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
    header, *rows = table(file.read_bytes().decode())
    assert [row[header.index("code")] for row in rows] == ["A", "B", "C"]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["site"], "list: There is no list `site`. Did you mean `sites`?"),
        (["sites", "--filter", "{"], "--filter is not valid JSON"),
        (["sites", "--filter", '{"cod": 1}'], "Did you mean 'code'"),
        (["sites", "--order-by", '[{"field": "SIZE"}]'], "orderBy: Variable '$orderBy'"),
        (["sites", "--columns", "cod"], "columns: There is no column `cod`. Did you mean `code`?"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_leaves_the_file_alone(
    qgp: Command, slug: str, tmp_path: Path, arguments: list[str], message: str
) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("before")
    done = qgp("export", *arguments, "--organization", slug, "--output", str(file))
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_an_organization_that_is_none_is_a_sentence(qgp: Command) -> None:
    done = qgp("export", "sites", "--organization", "no-such-place")
    assert done.exit_code == 1
    assert done.stderr.startswith("There is no organization no-such-place.")


def test_a_file_is_imported_in_its_declared_form(
    qgp: Command, company: Company, tmp_path: Path
) -> None:
    file = tmp_path / "findings.csv"
    header = "legacyReference;grade;sourceType;title;detectedOn"
    file.write_bytes(f"{header}\r\nA-1;OFI;PROCESS;Prüfung;1.3.2026\r\n;;;;\r\n".encode("cp1252"))
    command = [
        *("import", "findings", str(file), "--as", company.owner.email),
        *("--organization", company.slug, "--date-format", "DMY", "--duplicates", "SKIP"),
    ]
    refused = qgp(*command)
    assert refused.exit_code == 1
    assert "not in utf-8: byte 70, in line 2" in refused.stderr
    for expected in ("1 findings created, 0 updated, 0", "0 findings created, 0 updated, 1"):
        done = qgp(*command, "--encoding", "windows-1252")
        assert (done.exit_code, done.stdout) == (0, f"{expected} skipped.\n")
    columns = ("--columns", "title,detectedOn,legacyReference")
    exported = qgp("export", "findings", "--organization", company.slug, *columns)
    assert table(exported.stdout_bytes.decode())[1:] == [["Prüfung", "2026-03-01", "A-1"]]


@pytest.fixture
async def grown(company: Company, application: Application) -> str:
    """An organization with more findings than fit into a page."""
    await many.findings(application, company, 1_001)
    return company.slug


def test_who_watches_sees_how_far_it_is(
    qgp: Command, grown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_files, "is_terminal", lambda: True)
    monkeypatch.setattr(csv_files, "_INTERVAL", 0)
    done = qgp("export", "findings", "--organization", grown, "--columns", "reference")
    assert len(done.stdout.splitlines()) == 1_002
    shown = done.stderr.split("\r")
    assert [text.partition(" rows, ")[0] for text in shown[1:]] == [
        "findings: 500 of 1,001",
        "findings: 1,000 of 1,001",
        "findings: 1,001 of 1,001",
        "findings: 1,001 of 1,001",
    ]
    assert done.stderr.endswith("a second\x1b[K\n")


def test_an_export_without_a_terminal_shows_no_progress(qgp: Command, grown: str) -> None:
    assert qgp("export", "findings", "--organization", grown).stderr == ""
