"""Configuration errors: each names a setting and what to do, never its value."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One invalid setting.

    Attributes:
        setting: the name of the environment variable.
        remedy: what is wrong and what to do, without the value.
    """

    setting: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.remedy}"


class ConfigurationError(Exception):
    """Invalid configuration, with which no process starts; the message lists every problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(["The configuration is refused:", *map(str, problems)]))
        self.problems = problems
