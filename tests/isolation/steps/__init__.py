"""The steps of a world, module by module: each takes up what those before it made.

A module of the product that has commands has a file of its name here, with `STEPS`, and with
`AFTER`, the modules whose records it takes up although the schema has them later.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from qgp import schema
from tests.isolation.world import Step


def _files() -> dict[str, ModuleType]:
    """Return the files by module, in the schema's order as far as what they take up allows."""
    names = {module: f"{__name__}.{module}" for module in schema.MODULES}
    files = {module: import_module(name) for module, name in names.items() if find_spec(name)}
    ordered: dict[str, ModuleType] = {}

    def add(module: str) -> None:
        for earlier in getattr(files[module], "AFTER", ()):
            add(earlier)
        ordered.setdefault(module, files[module])

    for module in files:
        add(module)
    return ordered


STEPS: tuple[Step, ...] = tuple(step for file in _files().values() for step in file.STEPS)
