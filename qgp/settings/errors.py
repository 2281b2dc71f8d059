"""What is wrong with the configuration: named by setting, with what to do, never with its value."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One setting that cannot stay as it is.

    Attributes:
        setting: the name of the environment variable.
        remedy: what is wrong and what to do, without the value.
    """

    setting: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.remedy}"


class ConfigurationError(Exception):
    """The process must not start; the text lists every problem at once, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(["The configuration is refused:", *map(str, problems)]))
        self.problems = problems
