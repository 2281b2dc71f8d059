"""The closed vocabularies of the standards library, each value with its meaning."""

from qgp.kit.described_enum import DescribedEnum


class AnnexSlTheme(DescribedEnum):
    """The subject of a clause, shared by all management standards."""

    CONTEXT = "CONTEXT", "Issues inside and outside that bear on the system's results."
    PARTIES = "PARTIES", "Who has expectations, and which of them the system answers."
    SCOPE = "SCOPE", "What the system covers and what it leaves out."
    SYSTEM = "SYSTEM", "The system itself and its processes."
    LEADERSHIP = "LEADERSHIP", "What top management does in person."
    POLICY = "POLICY", "The declared direction and its rules."
    ROLES = "ROLES", "Who is responsible, and who may decide."
    RISK_OPP = "RISK_OPP", "Risks and opportunities, and the actions that follow from them."
    OBJECTIVES = "OBJECTIVES", "What is to be reached, and the plans for it."
    CHANGE = "CHANGE", "Planning and control of changes."
    RESOURCES = "RESOURCES", "People, infrastructure, environment and knowledge."
    COMPETENCE = "COMPETENCE", "The skills that people need and prove."
    AWARENESS = "AWARENESS", "What everybody at work has to know."
    COMMUNICATION = "COMMUNICATION", "What is told to whom, inside and outside."
    DOC_INFO = "DOC_INFO", "Documents that guide and records that prove."
    OPERATION = "OPERATION", "Planning and control of the work itself."
    EMERGENCY = "EMERGENCY", "Being ready for emergencies and disruption."
    SUPPLIERS = "SUPPLIERS", "Control of what comes from outside."
    MONITORING = "MONITORING", "Measuring, analysing and judging performance."
    COMPLIANCE_EVAL = "COMPLIANCE_EVAL", "Knowing legal and other duties, and checking them."
    INTERNAL_AUDIT = "INTERNAL_AUDIT", "The organization's audits of its own system."
    MGMT_REVIEW = "MGMT_REVIEW", "Top management's review of the whole system."
    NC_CA = "NC_CA", "Nonconformities, incidents and corrective action."
    IMPROVEMENT = "IMPROVEMENT", "Making the system better over time."


class StandardKind(DescribedEnum):
    """What sort of document a standard is."""

    MSS = "MSS", "A management system standard that can be certified."
    CONTROL_SET = "CONTROL_SET", "A catalogue of controls to choose from."
    LAW = "LAW", "A law or regulation."
    CUSTOMER = "CUSTOMER", "Requirements of a customer."
    SCHEME = "SCHEME", "Rules of a certification or sector scheme."


class StandardStatus(DescribedEnum):
    """Where a standard stands in its life."""

    DRAFT = "DRAFT", "Not in force, or not yet checked against the published text."
    ACTIVE = "ACTIVE", "In force: assessments are made against it."
    SUPERSEDED = "SUPERSEDED", "A newer edition has taken its place."
    WITHDRAWN = "WITHDRAWN", "No longer in use."


class ControlTheme(DescribedEnum):
    """How a control of ISO/IEC 27001, Annex A takes effect."""

    ORGANIZATIONAL = "ORGANIZATIONAL", "Through rules, responsibilities and agreements."
    PEOPLE = "PEOPLE", "Through the persons who work here."
    PHYSICAL = "PHYSICAL", "On places, equipment and media."
    TECHNOLOGICAL = "TECHNOLOGICAL", "In systems, networks and software."


class ControlType(DescribedEnum):
    """When a control acts, seen from the incident."""

    PREVENTIVE = "PREVENTIVE", "Before: it keeps the incident from happening."
    DETECTIVE = "DETECTIVE", "At the time: it makes the incident visible."
    CORRECTIVE = "CORRECTIVE", "Afterwards: it limits and repairs the harm."


class SecurityProperty(DescribedEnum):
    """What of information a control protects."""

    CONFIDENTIALITY = "CONFIDENTIALITY", "Only those allowed can see it."
    INTEGRITY = "INTEGRITY", "It is correct and complete."
    AVAILABILITY = "AVAILABILITY", "It can be used when it is needed."


class MappingRelation(DescribedEnum):
    """How the demands of two clauses relate."""

    EQUAL = "EQUAL", "Both ask the same."
    SUBSET = "SUBSET", "The second asks everything that the first asks, and more."
    SUPERSET = "SUPERSET", "The first asks everything that the second asks, and more."
    INTERSECT = "INTERSECT", "They share a part; each asks something of its own."
    NONE = "NONE", "Nothing on the other side answers it."


class MappingBasis(DescribedEnum):
    """What a mapping rests on."""

    PUBLISHED = "PUBLISHED", "A publisher's own table says so."
    ORG_JUDGEMENT = "ORG_JUDGEMENT", "The organization judged so."
    THEME = "THEME", "Both treat the same subject."
    EDITION_CHANGE = "EDITION_CHANGE", "They are the same standard in two editions."


class ChangeKind(DescribedEnum):
    """What became of a clause from one edition to the next."""

    UNCHANGED = "UNCHANGED", "Same number, same demands."
    RENUMBERED = "RENUMBERED", "Same demands under another number, whole or split."
    EXTENDED = "EXTENDED", "It asks more than before."
    NEW = "NEW", "The older edition has nothing like it."
    REMOVED = "REMOVED", "The newer edition no longer asks it."


class StandardOrigin(DescribedEnum):
    """Where a standard in the library comes from."""

    CATALOGUE = "CATALOGUE", "Adopted from the shipped catalogue."
    IMPORTED = "IMPORTED", "Read from an OSCAL file."
    OWN = "OWN", "Written by the organization itself."


class MappingStatus(DescribedEnum):
    """What the organization thinks of a mapping."""

    PROPOSED = "PROPOSED", "Suggested; nobody has decided."
    CONFIRMED = "CONFIRMED", "Somebody of the organization agreed."
    REJECTED = "REJECTED", "Somebody of the organization disagreed."


class Implementation(DescribedEnum):
    """How far a clause is put into practice."""

    NOT_STARTED = "NOT_STARTED", "Nothing is done."
    PLANNED = "PLANNED", "It is decided who does what until when."
    PARTIAL = "PARTIAL", "Some of it is in practice."
    IMPLEMENTED = "IMPLEMENTED", "All of it is in practice."


class Conformity(DescribedEnum):
    """Whether practice meets a clause."""

    NOT_ASSESSED = "NOT_ASSESSED", "Nobody has looked."
    CONFORM = "CONFORM", "It is met."
    MINOR_GAP = "MINOR_GAP", "It is met but for a lapse that does not put the system in doubt."
    MAJOR_GAP = "MAJOR_GAP", "It is missing, or fails as a whole."


class JustificationBasis(DescribedEnum):
    """Why a clause applies or does not."""

    RISK = "RISK", "The assessment of risks."
    LEGAL = "LEGAL", "Law or regulation."
    CONTRACT = "CONTRACT", "An agreement with somebody outside."
    BEST_PRACTICE = "BEST_PRACTICE", "Good practice of the field."
