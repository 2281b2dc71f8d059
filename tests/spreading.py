"""Distribution of tests to workers: the slowest folders first, so that workers end together.

The last of three or more workers begins with tests that start processes and wait for them. It
leaves the processors to the others meanwhile, and needs no application of its own.
"""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from tests.shares import folder_of, share_of

TOGETHER = {"demo", "reliability"}  # each shares what takes long to make
WORLDS = "isolation"  # whose first file makes what its others, `scopes` and agreement copy
AGREEMENT = "test_agreement"  # after the rest of its folder, so that it does not wait for them
WAITING = {"backup", "embedded", "migrations", "reliability", "rolling"}  # for processes
WAITING_FILES = {"tests/http/test_server.py", "tests/test_cli_dev.py"}
_WITH_ONE_FOR_WAITING = 3


class ByFolder(LoadFileScheduling):  # type: ignore[misc]  # xdist is untyped
    """Files one by one in the order of collection; a folder that shares something as one."""

    def _split_scope(self, nodeid: str) -> str:
        folder = folder_of(nodeid)
        return folder if folder in TOGETHER else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Assign the first unit of the worker's kind, else the first one."""
        is_last = self.numnodes >= _WITH_ONE_FOR_WAITING and node is self.nodes[-1]
        fitting = (scope for scope in self.workqueue if waits(scope) == is_last)
        self.workqueue.move_to_end(next(fitting, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)


def waits(scope: str) -> bool:
    """Whether the tests of a file or folder mostly wait for processes."""
    return scope in WAITING_FILES or (folder_of(scope) or scope) in WAITING


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
