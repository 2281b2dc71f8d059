"""Run of comparisons: case after case, several at once."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.engine.agreement.cases import Case, Cases
from tests.engine.agreement.comparison import Judge, Request, Verdict
from tests.engine.agreement.coverage import met
from tests.engine.agreement.read_path import ReadPath
from tests.engine.agreement.stage import Stage
from tests.engine.agreement.tally import Tally

ENOUGH = 5  # disagreements
AT_ONCE = 4  # so that requests meet in the loaders; twice as many connections are in use


@dataclass
class Findings:
    """The findings of a run.

    Attributes:
        outcomes: how many answers were of a kind, by the person.
        tally: how often each part of the schema was used, and came back with a value.
    """

    tally: Tally
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    paths: Counter[ReadPath] = field(default_factory=Counter)
    disagreements: list[tuple[Case, Verdict]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of compared operations."""
        return self.paths.total()

    def note(self, case: Case, verdict: Verdict) -> None:
        """Count one case."""
        self.paths[verdict.path] += 1
        answer = json.loads(verdict.resolvers.body) if verdict.resolvers.status else {}
        outcome = _outcome(answer) if answer else "no answer"
        self.outcomes[case.person.name, outcome] += 1
        if case.scope is not None:
            self.tally.note_met(met(answer.get("data"), case.scope))
        if not verdict.agrees:
            self.disagreements.append((case, verdict))


def _outcome(answer: dict[str, Any]) -> str:
    """Return the outcome of an answer: data, partial data, or the code of its first error."""
    errors = answer.get("errors")
    if not errors:
        return "data"
    code = str(errors[0]["extensions"]["code"])
    return f"partly, {code}" if any((answer.get("data") or {}).values()) else code


async def run(
    stage: Stage,
    judge: Judge,
    *,
    count: int,
    seed: int,
    names: Sequence[str],
    progress: Callable[[Findings], None] = lambda _: None,
    enough: Callable[[Findings], bool] = lambda state: len(state.disagreements) >= ENOUGH,
) -> Findings:
    """Compare `count` operations of the named people, in turns; the seed decides which.

    Args:
        enough: says whether the run may end before.
    """
    findings = Findings(Tally(random.Random(seed)))
    cases = Cases(stage.schema, stage.sample, findings.tally)
    compared = 0
    while compared < count and not enough(findings):
        people = [names[(compared + n) % len(names)] for n in range(min(AT_ONCE, count - compared))]
        drawn = [cases.of(stage.people[name]) for name in people]
        verdicts = await asyncio.gather(*[judge.compare(c.person, c.request) for c in drawn])
        for case, verdict in zip(drawn, verdicts, strict=True):
            findings.note(case, verdict)
        compared += len(drawn)
        progress(findings)
    return findings


async def differs(judge: Judge, case: Case, request: Request) -> Verdict | None:
    """Compare another request of the same person; return the verdict if the answers differ."""
    verdict = await judge.compare(case.person, request)
    return None if verdict.agrees else verdict
