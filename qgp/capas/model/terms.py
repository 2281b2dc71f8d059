"""Enums of CAPAs and root cause analyses, in business order."""

from qgp.kit.described_enum import DescribedEnum


class CapaKind(DescribedEnum):
    """Kind of CAPA."""

    CORRECTIVE = (
        "CORRECTIVE",
        "Eliminates the cause of a nonconformity and prevents recurrence (ISO 9000:2015, 3.12.2).",
    )
    PREVENTIVE = (
        "PREVENTIVE",
        "Eliminates the cause of a potential nonconformity (ISO 9000:2015, 3.12.1).",
    )
    IMPROVEMENT = "IMPROVEMENT", "Enhances the performance of what conforms (ISO 9000:2015, 3.3.1)."


class CapaPriority(DescribedEnum):
    """Priority of a CAPA."""

    LOW = "LOW", "Deferrable."
    MEDIUM = "MEDIUM", "Ordinary."
    HIGH = "HIGH", "Before ordinary work; quality approves the plan."
    CRITICAL = "CRITICAL", "Immediate; quality approves the plan."


class CapaStatus(DescribedEnum):
    """Status of a CAPA."""

    DRAFT = "DRAFT", "The CAPA is being drafted; it is not issued yet."
    OPEN = "OPEN", "Issued to its owner."
    ANALYSIS = "ANALYSIS", "Root cause analysis is under way."
    PLANNED = (
        "PLANNED",
        "Root cause determined; the plan is being prepared, up to `capaReleasePlan`.",
    )
    IMPLEMENTING = "IMPLEMENTING", "The plan is released; the actions are being implemented."
    VERIFICATION = "VERIFICATION", "Submitted for independent verification of the implementation."
    EFFECTIVENESS = (
        "EFFECTIVENESS",
        "The implementation is confirmed; the effectiveness window runs.",
    )
    CLOSED = "CLOSED", "Closed as effective or partially effective."
    CANCELLED = "CANCELLED", "Cancelled, with a reason in the audit trail."


ENDED = frozenset({CapaStatus.CLOSED, CapaStatus.CANCELLED})


class EffectivenessMetric(DescribedEnum):
    """Metric of the effectiveness review of a CAPA."""

    NO_RECURRENCE = (
        "NO_RECURRENCE",
        "No recurrence: the server looks for findings like a source since the implementation.",
    )
    KPI = "KPI", "A key performance indicator reaches its target."
    AUDIT = "AUDIT", "An audit confirms that the requirement is fulfilled."
    SAMPLE = "SAMPLE", "A sample has no nonconformities."
    TEST = "TEST", "A test is passed."


class CapaResult(DescribedEnum):
    """Result of an effectiveness review."""

    EFFECTIVE = "EFFECTIVE", "Effective: the problem has not recurred, or the criteria are met."
    PARTIAL = "PARTIAL", "Partially effective, and accepted for the reason in the note."
    INEFFECTIVE = "INEFFECTIVE", "Ineffective: another round starts with root cause analysis."


class AnalysisMethod(DescribedEnum):
    """Method of root cause analysis."""

    FIVE_WHYS = "FIVE_WHYS", "5 whys: repeated why questions down to a cause that can be acted on."
    FISHBONE = "FISHBONE", "Fishbone (Ishikawa) diagram: causes by category."
    FAULT_TREE = (
        "FAULT_TREE",
        "Fault tree analysis: causes combined by AND and OR gates below a top event (IEC 61025).",
    )
    BARRIER = "BARRIER", "Barrier analysis: barriers that failed or were missing."
    EIGHT_D = "EIGHT_D", "Eight disciplines (8D): discipline D4, root cause and escape point."
    TIMELINE = "TIMELINE", "Timeline analysis: events in chronological order."
    PARETO = "PARETO", "Pareto analysis: causes ranked by frequency or impact."


class AnalysisConfidence(DescribedEnum):
    """Confidence in the root causes of an analysis."""

    CONFIRMED = "CONFIRMED", "Confirmed by a test or by records."
    PROBABLE = "PROBABLE", "Probable: the best explanation of the evidence."
    POSSIBLE = "POSSIBLE", "Possible: not ruled out."


class AnalysisStatus(DescribedEnum):
    """Status of a root cause analysis."""

    DRAFT = "DRAFT", "In preparation; its causes can be changed."
    COMPLETED = "COMPLETED", "Completed with at least one root cause; its causes cannot be changed."


class CauseNodeKind(DescribedEnum):
    """Kind of node in a cause tree."""

    WHY = "WHY", "Answer to a why question."
    CAUSE = "CAUSE", "Contributing cause."
    BARRIER = "BARRIER", "Barrier that failed or was missing."
    EVENT = "EVENT", "Event in a timeline or fault tree."
    GATE_AND = "GATE_AND", "AND gate: all child nodes are necessary."
    GATE_OR = "GATE_OR", "OR gate: any child node is sufficient."


class CauseNodeCategory(DescribedEnum):
    """Category of a cause: a branch of a fishbone diagram."""

    PEOPLE = "PEOPLE", "People: competence, awareness, staffing."
    METHOD = "METHOD", "Method: execution or documentation of the work."
    MACHINE = "MACHINE", "Machine: equipment, tools or software."
    MATERIAL = "MATERIAL", "Material: inputs of the work."
    MEASUREMENT = "MEASUREMENT", "Measurement: monitoring, measuring and inspection."
    ENVIRONMENT = "ENVIRONMENT", "Environment for the operation of processes."
    MANAGEMENT = "MANAGEMENT", "Management: decisions, priorities or resources."
