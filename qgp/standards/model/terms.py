"""Enumerations of the standards library."""

from qgp.kit.described_enum import DescribedEnum


class AnnexSlTheme(DescribedEnum):
    """Theme of a clause in the harmonized structure (ISO/IEC Directives, Part 1, Annex SL)."""

    CONTEXT = "CONTEXT", "External and internal issues (clause 4.1)."
    PARTIES = "PARTIES", "Needs and expectations of interested parties (4.2)."
    SCOPE = "SCOPE", "Scope of the management system (4.3)."
    SYSTEM = "SYSTEM", "Management system and its processes (4.4)."
    LEADERSHIP = "LEADERSHIP", "Leadership and commitment of top management (5.1)."
    POLICY = "POLICY", "Policy (5.2)."
    ROLES = "ROLES", "Roles, responsibilities and authorities (5.3)."
    RISKS_AND_OPPORTUNITIES = (
        "RISKS_AND_OPPORTUNITIES",
        "Actions to address risks and opportunities (6.1).",
    )
    OBJECTIVES = "OBJECTIVES", "Objectives and planning to achieve them (6.2)."
    CHANGE = "CHANGE", "Planning of changes (6.3)."
    RESOURCES = "RESOURCES", "Resources: people, infrastructure, environment and knowledge (7.1)."
    COMPETENCE = "COMPETENCE", "Competence (7.2)."
    AWARENESS = "AWARENESS", "Awareness (7.3)."
    COMMUNICATION = "COMMUNICATION", "Internal and external communication (7.4)."
    DOCUMENTED_INFORMATION = "DOCUMENTED_INFORMATION", "Documented information (7.5)."
    OPERATION = "OPERATION", "Operational planning and control (8.1)."
    EMERGENCY = "EMERGENCY", "Emergency preparedness and response, business continuity."
    SUPPLIERS = "SUPPLIERS", "Control of externally provided processes, products and services."
    MONITORING = "MONITORING", "Monitoring, measurement, analysis and evaluation (9.1)."
    COMPLIANCE_EVALUATION = (
        "COMPLIANCE_EVALUATION",
        "Compliance obligations, and the evaluation of compliance.",
    )
    INTERNAL_AUDIT = "INTERNAL_AUDIT", "Internal audit (9.2)."
    MANAGEMENT_REVIEW = "MANAGEMENT_REVIEW", "Management review (9.3)."
    NONCONFORMITY_CORRECTIVE_ACTION = (
        "NONCONFORMITY_CORRECTIVE_ACTION",
        "Nonconformity, incident and corrective action (10.2).",
    )
    IMPROVEMENT = "IMPROVEMENT", "Continual improvement (10.1)."


class StandardKind(DescribedEnum):
    """Kind of a standard."""

    MSS = "MSS", "Management system standard, suitable for certification."
    CONTROL_SET = "CONTROL_SET", "Catalogue of controls."
    LAW = "LAW", "Legal or regulatory requirement."
    CUSTOMER = "CUSTOMER", "Requirements of a customer."
    SCHEME = "SCHEME", "Rules of a certification or sector scheme."


class StandardStatus(DescribedEnum):
    """Status of a standard in the library."""

    DRAFT = "DRAFT", "Not in force, or not yet checked against the published text."
    ACTIVE = "ACTIVE", "In force."
    SUPERSEDED = "SUPERSEDED", "Superseded by a newer edition."
    WITHDRAWN = "WITHDRAWN", "Withdrawn from use; cannot be changed."


class ClauseLevel(DescribedEnum):
    """Level at which a clause is fulfilled and counted."""

    ORGANIZATION = "ORGANIZATION", "Holds for the organization as a whole; counts once."
    SITE = "SITE", "Holds for each site; counts once for each."


class ClauseExclusion(DescribedEnum):
    """Whether a clause may be excluded as not applicable."""

    NEVER = (
        "NEVER",
        "May not be excluded by an organization that claims conformity with the standard.",
    )
    JUSTIFIED = "JUSTIFIED", "May be excluded with a justification."


class ControlTheme(DescribedEnum):
    """Control theme (ISO/IEC 27002:2022, 4.1)."""

    ORGANIZATIONAL = (
        "ORGANIZATIONAL",
        ("Organizational control: rules, responsibilities and agreements."),
    )
    PEOPLE = "PEOPLE", "People control."
    PHYSICAL = "PHYSICAL", "Physical control: places, equipment and media."
    TECHNOLOGICAL = "TECHNOLOGICAL", "Technological control: systems, networks and software."


class ControlType(DescribedEnum):
    """Control type, by its effect on an information security incident (ISO/IEC 27002:2022, 4.2)."""

    PREVENTIVE = "PREVENTIVE", "Prevents the incident."
    DETECTIVE = "DETECTIVE", "Detects the incident."
    CORRECTIVE = "CORRECTIVE", "Acts after the incident."


class SecurityProperty(DescribedEnum):
    """Information security property that a control preserves (ISO/IEC 27002:2022, 4.2)."""

    CONFIDENTIALITY = (
        "CONFIDENTIALITY",
        ("Not disclosed to unauthorized persons (ISO/IEC 27000:2018, 3.10)."),
    )
    INTEGRITY = "INTEGRITY", "Accurate and complete (ISO/IEC 27000:2018, 3.36)."
    AVAILABILITY = "AVAILABILITY", "Accessible and usable on demand (ISO/IEC 27000:2018, 3.7)."


class MappingRelation(DescribedEnum):
    """Relation of the requirements of two clauses."""

    EQUAL = "EQUAL", "Both clauses have the same requirements."
    SUBSET = "SUBSET", "The target includes all requirements of the source, and more."
    SUPERSET = "SUPERSET", "The source includes all requirements of the target, and more."
    INTERSECT = "INTERSECT", "The clauses share requirements; each has further ones."
    NONE = "NONE", "No counterpart in the other standard."


class MappingBasis(DescribedEnum):
    """Basis of a clause mapping."""

    PUBLISHED = "PUBLISHED", "Correspondence table of a publisher."
    ORG_JUDGEMENT = "ORG_JUDGEMENT", "Judgement of the organization."
    THEME = "THEME", "Same subject."
    EDITION_CHANGE = "EDITION_CHANGE", "Change between two editions of a standard."


class ChangeKind(DescribedEnum):
    """Kind of change of a clause between two editions."""

    UNCHANGED = "UNCHANGED", "Same number, same requirements."
    RENUMBERED = "RENUMBERED", "Same requirements under one or several other numbers."
    EXTENDED = "EXTENDED", "Further or changed requirements."
    NEW = "NEW", "No counterpart in the older edition."
    REMOVED = "REMOVED", "No counterpart in the newer edition."


class StandardOrigin(DescribedEnum):
    """Origin of a standard in the library."""

    CATALOGUE = "CATALOGUE", "Adopted from the shipped catalogue."
    IMPORTED = "IMPORTED", "Imported from an OSCAL file."
    OWN = "OWN", "Created by the organization."


class ImportStatus(DescribedEnum):
    """Status of an import of a standard."""

    RUNNING = "RUNNING", "Running."
    COMPLETED = "COMPLETED", "Ended; the standard is in the library."
    FAILED = "FAILED", "Ended with an error; nothing was imported."


class MappingStatus(DescribedEnum):
    """Status of a clause mapping."""

    PROPOSED = "PROPOSED", "Proposed, not decided."
    CONFIRMED = "CONFIRMED", "Confirmed by the organization."
    REJECTED = "REJECTED", "Rejected by the organization."


class Implementation(DescribedEnum):
    """Degree of implementation of a clause."""

    NOT_STARTED = "NOT_STARTED", "Not started."
    PLANNED = "PLANNED", "Planned, with responsibilities and dates."
    PARTIAL = "PARTIAL", "Partially implemented."
    IMPLEMENTED = "IMPLEMENTED", "Fully implemented."


class Conformity(DescribedEnum):
    """Conformity of practice with a clause."""

    NOT_ASSESSED = "NOT_ASSESSED", "Not assessed."
    CONFORM = "CONFORM", "Fulfilled."
    MINOR_GAP = (
        "MINOR_GAP",
        ("Fulfilled except for a minor gap that does not affect the management system as a whole."),
    )
    MAJOR_GAP = "MAJOR_GAP", "Absent, or not fulfilled as a whole."


class JustificationBasis(DescribedEnum):
    """Grounds for the applicability of a clause."""

    RISK = "RISK", "Risk assessment."
    LEGAL = "LEGAL", "Legal or regulatory requirement."
    CONTRACT = "CONTRACT", "Contractual requirement."
    BEST_PRACTICE = "BEST_PRACTICE", "Best practice."
