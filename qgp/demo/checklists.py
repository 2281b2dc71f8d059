"""Checklists of the demo: their purpose and themes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qgp.demo.themes import OF, Theme
from qgp.demo.themes.customers import (
    COMPLAINTS,
    DESIGN,
    IMPROVEMENT,
    MAINTENANCE,
    ORDERS,
)
from qgp.demo.themes.quality import (
    CALIBRATION,
    DOCUMENTS,
    PRODUCT,
    SUPPLIERS,
    TRACEABILITY,
    TRAINING,
)
from qgp.demo.themes.surroundings import EMERGENCY, GUARDS, PPE, WASTE
from qgp.templates.model.terms import ScoringMethod, TemplateCategory


@dataclass(frozen=True)
class Checklist:
    """A template and the status of its first version.

    Attributes:
        until: DRAFT, IN_APPROVAL or PUBLISHED.
        is_repeated: its sections can be gone through at several places.
        critical: names of themes of which one failure fails the whole audit.
    """

    key: str
    name: str
    category: TemplateCategory
    about: str
    themes: Sequence[Theme]
    scoring: ScoringMethod = ScoringMethod.PERCENT
    until: str = "PUBLISHED"
    is_repeated: bool = False
    critical: frozenset[str] = field(default_factory=frozenset)


_SHOP = (CALIBRATION, DOCUMENTS, TRAINING, PRODUCT, TRACEABILITY)
CHECKLISTS = (
    Checklist(
        "process",
        "Process audit ISO 9001",
        TemplateCategory.PROCESS_AUDIT,
        "Whether a process is carried out as planned, and whether it brings what it should.",
        (*_SHOP, MAINTENANCE),
        ScoringMethod.CONFORMITY,
    ),
    Checklist(
        "office",
        "Process audit ISO 9001, offices",
        TemplateCategory.PROCESS_AUDIT,
        "Whether what is promised, designed and bought is what customers asked for.",
        (ORDERS, DESIGN, COMPLAINTS, SUPPLIERS, TRAINING, IMPROVEMENT),
        ScoringMethod.CONFORMITY,
    ),
    Checklist(
        "site",
        "Environmental inspection of a site",
        TemplateCategory.INSPECTION,
        "Waste, hazardous substances and what the permits ask for.",
        OF["ISO14001"],
    ),
    Checklist(
        "safety",
        "Safety tour",
        TemplateCategory.SAFETY_TOUR,
        "A walk with the shift leader that looks for hazards.",
        OF["ISO45001"],
        ScoringMethod.TRAFFIC_LIGHT,
        critical=frozenset({GUARDS.name}),
    ),
    Checklist(
        "security",
        "Information security controls",
        TemplateCategory.INTERNAL_AUDIT,
        "The controls of annex A that matter most to us.",
        OF["ISO27001"],
        ScoringMethod.CONFORMITY,
    ),
    Checklist(
        "supplier",
        "Supplier audit",
        TemplateCategory.SUPPLIER_AUDIT,
        "What we look at before we approve a supplier, and every second year after.",
        (SUPPLIERS, CALIBRATION, PRODUCT, TRACEABILITY, TRAINING),
    ),
    Checklist(
        "layered",
        "Layered process check",
        TemplateCategory.LAYERED,
        "Ten minutes at the line, by every level of management.",
        (DOCUMENTS, PRODUCT, PPE),
        is_repeated=True,
    ),
    Checklist(
        "self",
        "Self-assessment of a department",
        TemplateCategory.SELF_ASSESSMENT,
        "A team looks at itself once a year.",
        (IMPROVEMENT, TRAINING),
        until="IN_APPROVAL",
    ),
    Checklist(
        "gemba",
        "Energy and waste walk",
        TemplateCategory.GEMBA,
        "Where energy and material are lost.",
        (WASTE, EMERGENCY),
        until="DRAFT",
    ),
)
