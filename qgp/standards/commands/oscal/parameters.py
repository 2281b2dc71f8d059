"""Fills the parameters of a catalog into its prose, as far down as they refer to each other."""

import re
from collections.abc import Iterable
from typing import Final

from qgp.standards.commands.oscal.document import (
    MAX_CLAUSE,
    MAX_DEPTH,
    Parameter,
    prose,
    refused,
)

MAX_GROWTH: Final = 20_000_000
"""Characters that all parameters together may add."""

_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_ONE_OR_MORE = "one-or-more"


class Parameters:
    """All parameters of a catalog, by id.

    Args:
        located: each parameter with the JSON pointer to it.

    Raises:
        Invalid: two parameters have the same id.
    """

    def __init__(self, located: Iterable[tuple[str, Parameter]]) -> None:
        self._by_id: dict[str, tuple[str, Parameter]] = {}
        self._filled: dict[str, str] = {}
        self._open: list[str] = []
        self._growth = 0
        for pointer, parameter in located:
            first = self._by_id.setdefault(parameter.id, (pointer, parameter))
            if first[0] != pointer:
                raise refused(f"{pointer}/id", f"repeats '{parameter.id}' of {first[0]}; rename it")

    def fill(self, raw: str, pointer: str) -> str:
        """Return a prose with every `{{ insert: param, … }}` replaced.

        Args:
            raw: the prose, as in the file.
            pointer: where the prose stands, for the refusal.

        Raises:
            Invalid: a parameter is unknown, refers to itself, or makes the text too long; the
                text has a control character.
        """
        text = _BRACES.sub(lambda match: self._insertion(match, pointer), prose(raw, pointer))
        if len(text) > MAX_CLAUSE:
            limit = f"{MAX_CLAUSE:,} characters"
            raise refused(pointer, f"has more than {limit} with its parameters; shorten them")
        return text

    def _insertion(self, match: re.Match[str], pointer: str) -> str:
        verb, _, reference = match[1].strip().partition(":")
        if verb != "insert":
            return match[0]
        kind, _, name = (word.strip() for word in reference.partition(","))
        if kind != "param" or name not in self._by_id:
            parameter_id = reference.strip()[:100]
            raise refused(
                pointer, f"inserts '{parameter_id}', which the file does not define; add it"
            )
        if name not in self._filled:
            self._filled[name] = self._resolve(name, pointer)
        self._growth += len(self._filled[name])
        if self._growth > MAX_GROWTH:
            raise refused(pointer, "repeats long parameters too often; shorten them")
        return self._filled[name]

    def _resolve(self, name: str, pointer: str) -> str:
        chain = " → ".join([*self._open, name])
        if name in self._open:
            raise refused(pointer, f"goes in a circle over {chain}; cut it")
        if len(self._open) >= MAX_DEPTH:
            raise refused(
                pointer, f"follows more than {MAX_DEPTH} parameters in a row; cut {chain}"
            )
        self._open.append(name)
        text = self._describe(*self._by_id[name])
        self._open.pop()
        return text

    def _describe(self, pointer: str, parameter: Parameter) -> str:
        """Say the value that was set, else the choices, else what is to be assigned."""
        if parameter.values:
            return self.fill(", ".join(parameter.values), f"{pointer}/values")
        if parameter.select and parameter.select.choice:
            choices = self.fill("; ".join(parameter.select.choice), f"{pointer}/select")
            many = " (one or more)" if parameter.select.how_many == _ONE_OR_MORE else ""
            return f"[Selection{many}: {choices}]"
        return f"[Assignment: {self.fill(parameter.label or parameter.id, f'{pointer}/label')}]"
