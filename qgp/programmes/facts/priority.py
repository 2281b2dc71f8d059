"""Priority of a programme item (ISO 9001:2015, 9.2.2 a; ISO 19011:2018, 5.3)."""

from dataclasses import dataclass
from datetime import date

from qgp.programmes.model import ProgrammeItemRisk

OF_RISK = {ProgrammeItemRisk.LOW: 10, ProgrammeItemRisk.MEDIUM: 25, ProgrammeItemRisk.HIGH: 40}
OF_MAJOR, OF_MINOR, MOST_OF_RESULT = 15, 5, 30
MOST_OF_AGE, CYCLE_MONTHS = 30, 36


@dataclass(frozen=True)
class AuditResults:
    """Audit results of the target of an item.

    Attributes:
        majors, minors: open nonconformities detected in the last 24 months.
        last_audited_on: day on which the fieldwork of the last audit was completed; None for never.
    """

    majors: int = 0
    minors: int = 0
    last_audited_on: date | None = None


def priority(risk: ProgrammeItemRisk, standing: AuditResults, today: date) -> int:
    """Return the priority of auditing a target, 0 to 100: the sum of three parts.

    - Risk: LOW 10, MEDIUM 25, HIGH 40.
    - Last result: 15 for each MAJOR and 5 for each MINOR that is open, 30 at the most.
    - Time: 30 where the target was never audited; else 30 after 36 months or more, and before
      that 30/36 for each whole month since the last audit, rounded down.
    """
    result = min(OF_MAJOR * standing.majors + OF_MINOR * standing.minors, MOST_OF_RESULT)
    return OF_RISK[risk] + result + _of_age(standing.last_audited_on, today)


def _of_age(last: date | None, today: date) -> int:
    if last is None:
        return MOST_OF_AGE
    passed = min(max(months_between(last, today), 0), CYCLE_MONTHS)
    return MOST_OF_AGE * passed // CYCLE_MONTHS


def months_between(start: date, end: date) -> int:
    """Count the whole months from one day to a later one: 31 January to 28 February is none."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months - (end.day < start.day)
