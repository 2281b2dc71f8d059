"""Cause categories of a new organization: the branches of a fishbone diagram, five below each."""

from collections.abc import Mapping

from qgp.findings.model import CauseCategory
from qgp.kit import ids
from qgp.kit.work import Work

# Name by code; the part before a hyphen is the code of the parent.
CAUSES: Mapping[str, str] = {
    "PEOPLE": "People",
    "PEOPLE-SKILL": "Skill or instruction missing",
    "PEOPLE-AWARE": "Not aware of the rule",
    "PEOPLE-STAFF": "Not enough people on duty",
    "PEOPLE-SLIP": "Slip or lapse",
    "PEOPLE-HANDOVER": "Not handed over, or not understood",
    "METHOD": "Method",
    "METHOD-DOC": "Not described, or described wrongly",
    "METHOD-PLAN": "Not planned, or nobody responsible",
    "METHOD-CHANGE": "Change not managed",
    "METHOD-FLOW": "The sequence lets errors through",
    "METHOD-CHECK": "No check where it matters",
    "MACHINE": "Machine",
    "MACHINE-IT": "Software or interface",
    "MACHINE-DESIGN": "Design of the equipment",
    "MACHINE-WEAR": "Worn, or not maintained",
    "MACHINE-SETUP": "Set up wrongly",
    "MACHINE-TOOL": "Tool or fixture not fit for it",
    "MATERIAL": "Material",
    "MATERIAL-SUPPLY": "Not delivered as ordered",
    "MATERIAL-SPEC": "Specification does not suffice",
    "MATERIAL-BATCH": "Differs from batch to batch",
    "MATERIAL-MIX": "Mixed up, or not identified",
    "MATERIAL-STORE": "Damaged or aged in store",
    "MEASUREMENT": "Measurement",
    "MEASUREMENT-GAUGE": "Gauge not capable, or not calibrated",
    "MEASUREMENT-LIMIT": "No criterion, or a wrong one",
    "MEASUREMENT-READ": "Read or recorded wrongly",
    "MEASUREMENT-SAMPLE": "Too few, or taken at the wrong place",
    "MEASUREMENT-DATA": "Data not at hand when needed",
    "ENVIRONMENT": "Surroundings",
    "ENVIRONMENT-SITE": "Layout or building",
    "ENVIRONMENT-CLIMATE": "Temperature, humidity or dust",
    "ENVIRONMENT-LIGHT": "Light or noise",
    "ENVIRONMENT-ORDER": "Order and cleanliness",
    "ENVIRONMENT-OUTSIDE": "Weather, neighbours or traffic",
    "MANAGEMENT": "Management",
    "MANAGEMENT-RES": "Priorities or resources",
    "MANAGEMENT-ROLE": "Responsibility not clear",
    "MANAGEMENT-GOAL": "Goals that contradict each other",
    "MANAGEMENT-REVIEW": "Known, and not acted on",
    "MANAGEMENT-OUTSIDE": "Partner or supplier not led well",
}


def parent_code(code: str) -> str | None:
    """Return the code of the parent category; None for the broadest."""
    branch, hyphen, _ = code.partition("-")
    return branch if hyphen else None


async def create(work: Work) -> None:
    """Add the default cause categories; the organization may change them (causeCategoryUpdate).

    Raises:
        AlreadyExists: the organization has a category with one of the codes.
    """
    category_ids = {code: ids.uuid7() for code in CAUSES}
    parents = {code: category_ids.get(parent_code(code) or "") for code in CAUSES}
    await work.add(
        *[
            CauseCategory(id=category_ids[code], code=code, name=name, parent_id=parents[code])
            for code, name in CAUSES.items()
        ]
    )
