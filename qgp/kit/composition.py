"""Registration of the modules' loaders, registers, permissions and work kinds with the kit."""

from collections.abc import Iterable

from qgp.kit.gql.connection_fields import REGISTERS
from qgp.kit.loader import One, Register
from qgp.kit.pending_work import WORK_KINDS, WorkKind
from qgp.kit.policy import PERMISSIONS, Permission, forget_conditions
from qgp.kit.subjects import SUBJECTS
from qgp.kit.visibility import NODES


def compose(
    loaders: Iterable[object], permissions: Iterable[object], work_kinds: Iterable[object]
) -> None:
    """Register loaders by id for `node` and subjects, registers for new edges, and the others.

    Args:
        loaders: exports of the modules' `loaders.py`; other objects are ignored.
        permissions: exports of the modules' `policy.py`; other objects are ignored.
        work_kinds: exports of the modules' `work_kinds.py`; other objects are ignored.

    Raises:
        ValueError: two permissions, or two kinds of work, have one name.
    """
    for permission in permissions:
        if not isinstance(permission, Permission):
            continue
        if PERMISSIONS.setdefault(permission.name, permission) is not permission:
            raise ValueError(f"permission {permission.name} is declared twice")
    for loader in loaders:
        if isinstance(loader, Register):
            REGISTERS.setdefault(loader.model, loader)
        elif isinstance(loader, One) and loader.is_by_id:
            NODES[loader.model.prefix] = loader
            if loader.is_subject:
                SUBJECTS[loader.model.prefix] = loader
    for kind in work_kinds:
        if isinstance(kind, WorkKind) and WORK_KINDS.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"work kind {kind.name} is declared twice")
    forget_conditions()  # they name the kinds of subjects
