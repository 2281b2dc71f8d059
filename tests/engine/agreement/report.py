"""Report of a run: progress, summary, and each disagreement, reduced."""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.engine.agreement.cases import Case
from tests.engine.agreement.comparison import Request, Verdict
from tests.engine.agreement.comparison_run import Findings
from tests.engine.agreement.read_path import ReadPath

_EVERY_SECONDS = 10


@dataclass
class Progress:
    """Prints a line now and then."""

    count: int
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0

    def __call__(self, findings: Findings) -> None:
        """Tell how far the run is, if it is time to."""
        now = time.monotonic()
        if now - self._told < _EVERY_SECONDS:
            return
        self._told = now
        rate = findings.count / max(now - self._began, 0.001)
        left = (self.count - findings.count) / rate
        sys.stderr.write(
            f"{findings.count:,} of {self.count:,}, {rate:.0f}/s, {left:.0f} s to go, "
            f"{len(findings.disagreements)} disagreements\n"
        )


def summary(findings: Findings) -> str:
    """Return how many answers of which kind each person got, and how they were made."""
    people: dict[str, Counter[str]] = {}
    for (person, outcome), count in findings.outcomes.items():
        people.setdefault(person, Counter())[outcome] += count
    lines = [f"{findings.count:,} operations, {len(findings.disagreements)} disagreements"]
    lines += [f"  {path.value}: {findings.paths[path]:,}" for path in ReadPath]
    for person, outcomes in people.items():
        counts_text = ", ".join(f"{outcome} {count:,}" for outcome, count in outcomes.most_common())
        lines.append(f"  {person} {outcomes.total():,}: {counts_text}")
    return "\n".join(lines)


def disagreement(case: Case, request: Request, verdict: Verdict) -> str:
    """Return one disagreement: caller, operation and first difference."""
    variables = json.dumps(dict(request.variables), ensure_ascii=False)
    return (
        f"\n{case.person.name} asked, and the answers differ in {verdict.difference}\n"
        f"{request.document}\nvariables {variables}\n"
        f"operationName {request.operation_name}, accept {request.accept}\n"
    )
