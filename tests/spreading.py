"""Which worker runs what: the dearest folders first, and what waits beside what computes."""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from tests.shares import folder_of, share_of

TOGETHER = {"demo", "reliability"}  # each shares what takes long to make
# What waits for processes of its own, beside which others can compute.
WAITING = {"backup", "embedded", "migrations", "reliability", "rolling"}
WAITING_FILES = {"tests/http/test_server.py", "tests/test_cli_dev.py"}
WORLDS = "isolation"  # whose first file makes what its others, `scopes` and agreement copy
AGREEMENT = "test_agreement"  # after the rest of its folder, so that it does not wait for them


class ByFolder(LoadFileScheduling):  # type: ignore[misc]  # xdist is untyped
    """Files one by one in the order of collection; a folder that shares something as one."""

    def _split_scope(self, nodeid: str) -> str:
        folder = folder_of(nodeid)
        return folder if folder in TOGETHER else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Let the third of three workers wait, and the two others compute."""
        is_waiting = len(self.nodes) > 2 and node is self.nodes[-1]
        fitting = (scope for scope in self.workqueue if _waits(scope) is is_waiting)
        if (scope := next(fitting, None)) is not None:
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def _waits(scope: str) -> bool:
    return scope in WAITING_FILES or scope in WAITING or folder_of(scope) in WAITING


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder | None:
    """Replace `loadfile`, which begins with the files of most tests, however fast they are."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByFolder(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the worlds, go on with the folders that have the largest shares."""
    items.sort(key=lambda item: (-share_of(folder_of(item.nodeid)), item.path.stem == AGREEMENT))
    first = next((one.path for one in items if folder_of(one.nodeid) == WORLDS), None)
    items.sort(key=lambda item: item.path != first)
