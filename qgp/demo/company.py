"""Master data of the organizations: sites, departments, people and processes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qgp.kit.policy import Role
from qgp.processes.model import ProcessKind


@dataclass(frozen=True)
class Member:
    """A user, of the organization or from outside.

    Attributes:
        department, site: codes; None for none.
        address: the part of the e-mail address before the @.
    """

    name: str
    role: Role
    department: str | None = None
    site: str | None = None
    address: str | None = None

    @property
    def local_part(self) -> str:
        """The address, else first and last name with a dot."""
        plain = self.name.lower().translate(_PLAIN).removeprefix("dr. ")
        return self.address or plain.replace(" ", ".")


@dataclass(frozen=True)
class Company:
    """An organization.

    Attributes:
        sites: name and country by code.
        departments: names by code.
        people: by the key that scenarios use.
        managers: key of the manager by that of the user.
    """

    slug: str
    name: str
    sites: Mapping[str, tuple[str, str]]
    departments: Mapping[str, str]
    people: Mapping[str, Member]
    managers: Mapping[str, str] = field(default_factory=dict)

    def level(self, key: str) -> int:
        """Return the number of managers above a user."""
        manager = self.managers.get(key)
        return 0 if manager is None else 1 + self.level(manager)


@dataclass(frozen=True)
class Part:
    """A process of the map.

    Attributes:
        parent: code of the process that it is a part of.
    """

    code: str
    name: str
    kind: ProcessKind
    owner: str
    department: str
    inputs: str
    outputs: str
    parent: str | None = None


_PLAIN = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss", "ł": "l", "ń": "n", "é": "e"})
SITES: Mapping[str, tuple[str, str]] = {
    "BER": ("Berlin plant", "DE"),
    "HAM": ("Hamburg warehouse", "DE"),
    "WRO": ("Wrocław foundry", "PL"),
}
DEPARTMENTS: Mapping[str, str] = {
    "PROD": "Production",
    "PURCH": "Purchasing",
    "QA": "Quality assurance",
    "DEV": "Development",
    "FOUND": "Foundry",
    "MAINT": "Maintenance",
    "LOG": "Logistics",
    "SERV": "Sales and service",
    "HR": "People and training",
    "IT": "Information technology",
    "HSE": "Environment and safety",
}


def of_role(role: Role) -> str:
    """Return the address of a role's user, before the @."""
    return role.value.lower().replace("_", "-")


# By the key that scenarios use. The first of each role has the role as address.
PEOPLE: Mapping[str, Member] = {
    "brandt": Member("Dr. Katharina Brandt", Role.OWNER, None, "BER", of_role(Role.OWNER)),
    "lindner": Member("Felix Lindner", Role.ADMIN, "IT", "BER", of_role(Role.ADMIN)),
    "vogel": Member(
        "Miriam Vogel", Role.QUALITY_MANAGER, "QA", "BER", of_role(Role.QUALITY_MANAGER)
    ),
    "reinhardt": Member(
        "Thomas Reinhardt", Role.LEAD_AUDITOR, "QA", "BER", of_role(Role.LEAD_AUDITOR)
    ),
    "demir": Member("Aylin Demir", Role.AUDITOR, "DEV", "BER", of_role(Role.AUDITOR)),
    "sommer": Member("Henrik Sommer", Role.RISK_MANAGER, None, "BER", of_role(Role.RISK_MANAGER)),
    "thomsen": Member("Birgit Thomsen", Role.HSE_MANAGER, "HSE", "BER", of_role(Role.HSE_MANAGER)),
    "ebert": Member("Markus Ebert", Role.PROCESS_OWNER, "PROD", "BER", of_role(Role.PROCESS_OWNER)),
    "krueger": Member("Jana Krüger", Role.EMPLOYEE, "PROD", "BER", of_role(Role.EMPLOYEE)),
    "hallstroem": Member(
        "Peter Hallström", Role.EXTERNAL_AUDITOR, None, None, of_role(Role.EXTERNAL_AUDITOR)
    ),
    "moretti": Member(
        "Luca Moretti", Role.SUPPLIER_CONTACT, None, None, of_role(Role.SUPPLIER_CONTACT)
    ),
    "kowalski": Member("Stefan Kowalski", Role.QUALITY_MANAGER, "QA", "WRO"),
    "larsen": Member("Ingrid Larsen", Role.LEAD_AUDITOR, "SERV", "HAM"),
    "neumann": Member("Paul Neumann", Role.AUDITOR, "LOG", "HAM"),
    "wisniewska": Member("Ewa Wisniewska", Role.AUDITOR, "MAINT", "WRO"),
    "hoffmann": Member("Claudia Hoffmann", Role.PROCESS_OWNER, "PURCH", "BER"),
    "schulz": Member("Dieter Schulz", Role.PROCESS_OWNER, "LOG", "HAM"),
    "fischer": Member("Nadine Fischer", Role.PROCESS_OWNER, "HR", "BER"),
    "brandl": Member("Oliver Brandl", Role.PROCESS_OWNER, "IT", "BER"),
    "kirsch": Member("Renate Kirsch", Role.PROCESS_OWNER, "SERV", "HAM"),
    "zielinski": Member("Tomasz Zielinski", Role.PROCESS_OWNER, "FOUND", "WRO"),
    "bauer": Member("Anna Bauer", Role.PROCESS_OWNER, "DEV", "BER"),
    "otto": Member("Georg Otto", Role.PROCESS_OWNER, "MAINT", "BER"),
    "yilmaz": Member("Emre Yilmaz", Role.EMPLOYEE, "PROD", "BER"),
    "nowak": Member("Katarzyna Nowak", Role.EMPLOYEE, "FOUND", "WRO"),
    "mazur": Member("Piotr Mazur", Role.EMPLOYEE, "FOUND", "WRO"),
    "petersen": Member("Lars Petersen", Role.EMPLOYEE, "LOG", "HAM"),
    "richter": Member("Sabine Richter", Role.EMPLOYEE, "PURCH", "BER"),
    "wolf": Member("Daniel Wolf", Role.EMPLOYEE, "IT", "BER"),
    "lehmann": Member("Karin Lehmann", Role.EMPLOYEE, "MAINT", "BER"),
    "braun": Member("Jens Braun", Role.EMPLOYEE, "SERV", "HAM"),
    "voss": Member("Martin Voss", Role.EMPLOYEE, "PROD", "BER"),
    "arslan": Member("Selin Arslan", Role.EMPLOYEE, "HSE", "BER"),
}
# By the code of the department; the managing director manages these, and who has no department.
HEADS: Mapping[str | None, str] = {
    "QA": "vogel",
    **{
        one.department: key
        for key, one in PEOPLE.items()
        if one.department and one.role in {Role.PROCESS_OWNER, Role.HSE_MANAGER}
    },
}
DIRECTOR = "brandt"
MANAGERS: Mapping[str, str] = {
    key: DIRECTOR if key in HEADS.values() else HEADS.get(one.department, DIRECTOR)
    for key, one in PEOPLE.items()
    if key != DIRECTOR and one.site is not None
}
PUMPS = Company("demo", "Demo Pumps GmbH", SITES, DEPARTMENTS, PEOPLE, MANAGERS)
VALVES = Company(
    "rival",
    "Rival Valves GmbH",
    {"MUC": ("Munich plant", "DE")},
    {"PROD": "Production"},
    {
        role.value: Member(role.value.replace("_", " ").title(), role, None, None, of_role(role))
        for role in Role
    },
)
QUALITY = ("vogel", "kowalski")
LEADS = ("reinhardt", "larsen")
AUDITORS = ("demir", "neumann", "wisniewska")
LEFT = "voss"  # who does not work here any more
EMPLOYEES = tuple(key for key, one in PEOPLE.items() if one.role is Role.EMPLOYEE and key != LEFT)

_CORE, _SUPPORT, _LEADING = ProcessKind.CORE, ProcessKind.SUPPORT, ProcessKind.MANAGEMENT
PROCESSES = (
    Part("P01", "Sales and order review", _CORE, "kirsch", "SERV", "Inquiries", "Reviewed orders"),
    Part(
        "P02", "Design and development", _CORE, "bauer", "DEV", "Requirements", "Released designs"
    ),
    Part("P03", "Purchasing", _CORE, "hoffmann", "PURCH", "Demands", "Goods that conform"),
    Part("P04", "Production", _CORE, "ebert", "PROD", "Orders, material", "Tested pumps"),
    Part("P05", "Casting", _CORE, "zielinski", "FOUND", "Alloys, moulds", "Castings", "P04"),
    Part("P06", "Assembly and test", _CORE, "ebert", "PROD", "Parts", "Tested pumps", "P04"),
    Part("P07", "Warehouse and dispatch", _CORE, "schulz", "LOG", "Goods", "Deliveries"),
    Part(
        "P08", "Service and complaints", _CORE, "kirsch", "SERV", "Complaints", "Answers, repairs"
    ),
    Part("P09", "Maintenance and calibration", _SUPPORT, "otto", "MAINT", "Plans", "Fit equipment"),
    Part("P10", "Training and competence", _SUPPORT, "fischer", "HR", "Needs", "Able people"),
    Part("P11", "Information technology", _SUPPORT, "brandl", "IT", "Requests", "Safe services"),
    Part("P12", "Environment and safety", _SUPPORT, "thomsen", "HSE", "Hazards", "Safe work"),
    Part("P13", "Document control", _SUPPORT, "vogel", "QA", "Drafts", "Valid documents"),
    Part("P14", "Management and improvement", _LEADING, "brandt", "QA", "Results", "Decisions"),
)
