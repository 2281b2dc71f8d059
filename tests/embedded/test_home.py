"""Folders of an embedded server."""

import pytest

from qgp.embedded import EmbeddedError, default_data_dir


def test_a_user_without_a_home_folder_learns_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOME", "QGP_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 54321)
    with pytest.raises(EmbeddedError) as refused:
        default_data_dir()
    assert str(refused.value) == (
        "User 54321 has no home folder. Set QGP_DATA_DIR to a folder that this user can write."
    )
