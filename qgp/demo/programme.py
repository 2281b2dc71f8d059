"""Audits of the past years and the next months, with their teams."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qgp.audits.model.terms import AuditSource, AuditStatus, AuditType
from qgp.demo.company import AUDITORS, LEADS, PEOPLE, PROCESSES
from qgp.demo.playback import random_for
from qgp.kit.shared_terms import AuditMethod

YEAR, END = 250, 62  # working days: a year, and three months ahead
_QUARTER = 62
_PRESENT = 92  # number of the present quarter; those of a history count from 0
_PARTS = {part.code: part for part in PROCESSES}
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "process": ("ISO9001",),
    "office": ("ISO9001",),
    "site": ("ISO14001",),
    "safety": ("ISO45001",),
    "security": ("ISO27001",),
    "supplier": ("ISO9001",),
    "layered": ("ISO9001", "ISO45001"),
}


@dataclass(frozen=True)
class Planned:
    """An audit of the plan.

    Attributes:
        checklist: None for the certification body, which uses another.
        day: working day of its start, counted from today.
        length: working days.
        rest: the status in which it stays; None for its end.
    """

    key: str
    title: str
    type: AuditType
    checklist: str | None
    families: tuple[str, ...]
    day: float
    lead: str
    site: str | None = None
    process: str | None = None
    source: AuditSource = AuditSource.FIRST_PARTY
    method: AuditMethod = AuditMethod.ONSITE
    length: int = 2
    team: Sequence[str] = ()
    external_body: str | None = None
    rest: AuditStatus | None = None


def first_day(years: int) -> int:
    """Return the first working day of a history of that many years, counted from today."""
    return -YEAR * years


def programme(years: int) -> list[Planned]:
    """Return all audits, each with an impartial team."""
    return [*_past(years), *_current(years)]


def _past(years: int) -> Iterator[Planned]:
    processes = [part.code for part in PROCESSES if part.code != "P04"]
    for quarter in range(4 * years):
        first = first_day(years) + 8 + quarter * _QUARTER
        yield _process(processes[quarter % len(processes)], quarter)(first)
        yield _tours(quarter)[quarter % 4](first + _QUARTER / 3)
        if quarter % 4 == 2:
            yield _certification(first + 40, quarter // 4 + 1)


def _process(code: str, quarter: int) -> "_Make":
    part = _PARTS[code]
    site = {"FOUND": "WRO", "LOG": "HAM", "SERV": "HAM"}.get(part.department, "BER")
    offices = {"P01", "P02", "P03", "P08", "P10", "P14"}
    checklist = "security" if code == "P11" else "office" if code in offices else "process"
    what = {"type": AuditType.PROCESS, "site": site, "process": code}
    return _Make(f"{code}-{quarter}", f"{part.name}, {site}", checklist, part.department, what)


def _tours(quarter: int) -> "list[_Make]":
    site = ("BER", "WRO", "HAM")[quarter % 3]
    other = ("WRO", "HAM", "BER")[quarter % 3]
    supplier = ("Fonderia Moretti", "Kugellager Nord", "Sealtec", "Metalpol")[quarter % 4]
    look = {"type": AuditType.INSPECTION, "site": site, "length": 1}
    outside = {"type": AuditType.SUPPLIER, "source": AuditSource.SECOND_PARTY, "process": "P03"}
    return [
        _Make(f"safety-{quarter}", f"Safety tour, {site}", "safety", "HSE", look),
        _Make(f"supplier-{quarter}", f"Supplier audit {supplier}", "supplier", "PURCH", outside),
        _Make(f"site-{quarter}", f"Environment, {other}", "site", "HSE", look | {"site": other}),
        _Make(f"layered-{quarter}", f"Layered check, {site}", "layered", "PROD", look),
    ]


@dataclass(frozen=True)
class _Make:
    """An audit without its date."""

    key: str
    title: str
    checklist: str
    department: str
    more: Mapping[str, object]

    def __call__(self, day: float, rest: AuditStatus | None = None) -> Planned:
        """Return the audit on a day, with a team from other departments."""
        lead, team = _people(self.key, self.department)
        facts: dict[str, object] = {"families": _FAMILIES[self.checklist], "rest": rest}
        facts |= {"lead": lead, "team": team, **self.more}
        return Planned(self.key, self.title, checklist=self.checklist, day=day, **facts)  # type: ignore[arg-type]  # fields of Planned


def _people(key: str, department: str) -> tuple[str, tuple[str, ...]]:
    chance = random_for("team", key)
    leads = [one for one in LEADS if PEOPLE[one].department != department]
    team = [one for one in AUDITORS if PEOPLE[one].department != department]
    return chance.choice(leads), tuple(chance.sample(team, chance.randint(1, 2)))


def _certification(day: float, year: int) -> Planned:
    return Planned(
        f"cert-{year}",
        "Surveillance audit" if year == 1 else "Recertification audit",
        AuditType.CERTIFICATION,
        None,
        ("ISO9001", "ISO14001", "ISO45001"),
        day,
        "reinhardt",
        source=AuditSource.THIRD_PARTY,
        length=4,
        external_body="Nordcert Certification AB",
    )


def _current(years: int) -> Iterator[Planned]:
    """Yield audits in each status, and future ones."""
    states = AuditStatus
    now, soon, later = (_PRESENT + number for number in range(3))
    yield _process("P08", soon)(first_day(years) + 20)  # to its end
    yield _process("P06", now)(-9, states.REPORTED)
    yield _process("P07", now)(-7, states.IN_REVIEW)
    yield _process("P11", now)(-5, states.FIELDWORK_DONE)
    yield _tours(now)[0](-2, states.IN_PROGRESS)
    yield _process("P09", now)(-12, states.CANCELLED)
    for place, make in enumerate([_process("P05", soon), _tours(soon)[1], _tours(soon)[2]]):
        yield make(6 + 9 * place, states.SCHEDULED)
    for place, code in enumerate(("P02", "P10", "P13", "P03")):
        yield _process(code, later)(38 + 6 * place, states.PLANNED)
    security = _Make(
        "isms-10",
        "Management of information security",
        "security",
        "IT",
        {"type": AuditType.SYSTEM},
    )
    yield security(END - 4, states.PLANNED)
