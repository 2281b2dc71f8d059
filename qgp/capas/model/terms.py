"""The closed vocabularies of corrective and preventive action, each value with its meaning."""

from qgp.kit.described_enum import DescribedEnum


class CapaKind(DescribedEnum):
    """What a CAPA is for."""

    CORRECTIVE = "CORRECTIVE", "Removes the cause of what went wrong, so that it stays away."
    PREVENTIVE = "PREVENTIVE", "Removes the cause of what has not gone wrong yet."
    IMPROVEMENT = "IMPROVEMENT", "Makes something better that is good enough today."


class CapaPriority(DescribedEnum):
    """How much is at stake in a CAPA."""

    LOW = "LOW", "It can wait for a convenient time."
    MEDIUM = "MEDIUM", "It is done in the ordinary course of work."
    HIGH = "HIGH", "It goes before ordinary work; quality approves its plan."
    CRITICAL = "CRITICAL", "It is done now; quality approves its plan."


class CapaStatus(DescribedEnum):
    """Where a CAPA stands in its life."""

    DRAFT = "DRAFT", "Being written; nobody has to act on it yet."
    OPEN = "OPEN", "Issued to its owner."
    ANALYSIS = "ANALYSIS", "The cause is being looked for."
    PLANNED = "PLANNED", "The cause is known and actions are being planned."
    IMPLEMENTING = "IMPLEMENTING", "The actions are being carried out."
    VERIFICATION = "VERIFICATION", "The actions are done; somebody else checks that they are."
    EFFECTIVENESS = "EFFECTIVENESS", "Time has to show whether the cause is gone."
    CLOSED = "CLOSED", "It worked."
    CANCELLED = "CANCELLED", "Given up, for a reason that the trail keeps."


ENDED = frozenset({CapaStatus.CLOSED, CapaStatus.CANCELLED})


class EffectivenessMetric(DescribedEnum):
    """What the effectiveness of a CAPA is judged by."""

    NO_RECURRENCE = "NO_RECURRENCE", "Nothing of the kind is found again; the server looks itself."
    KPI = "KPI", "An indicator reaches its target."
    AUDIT = "AUDIT", "An audit finds the requirement met."
    SAMPLE = "SAMPLE", "A sample of the work is without fault."
    TEST = "TEST", "A test passes."


class CapaResult(DescribedEnum):
    """How effective a round of a CAPA was."""

    EFFECTIVE = "EFFECTIVE", "The cause is gone."
    PARTIAL = "PARTIAL", "It is better, and good enough for a reason that the note gives."
    INEFFECTIVE = "INEFFECTIVE", "The cause is still there; the next round looks for it again."


class AnalysisMethod(DescribedEnum):
    """How a root cause is looked for."""

    FIVE_WHYS = "FIVE_WHYS", "Ask why, and why again, until the answer can be acted on."
    FISHBONE = "FISHBONE", "Collect causes by category, then weigh them."
    FAULT_TREE = "FAULT_TREE", "Combine causes by AND and OR, from the top event down."
    BARRIER = "BARRIER", "Ask which barrier should have stopped it, and why it did not."
    EIGHT_D = "EIGHT_D", "The eight disciplines, of which this is the fourth."
    TIMELINE = "TIMELINE", "Put events in order and find where they turned."
    PARETO = "PARETO", "Count causes and take on the few that matter most."


class AnalysisConfidence(DescribedEnum):
    """How sure an analysis is of its root causes."""

    CONFIRMED = "CONFIRMED", "Shown by a test or by records."
    PROBABLE = "PROBABLE", "The best explanation of what is known."
    POSSIBLE = "POSSIBLE", "Not ruled out."


class AnalysisStatus(DescribedEnum):
    """Whether a root cause analysis is finished."""

    DRAFT = "DRAFT", "Being worked on; its causes can be changed."
    COMPLETED = "COMPLETED", "Finished, with at least one root cause; its causes stay."


class CauseNodeKind(DescribedEnum):
    """What a node of a tree of causes stands for."""

    WHY = "WHY", "The answer to a why."
    CAUSE = "CAUSE", "A cause that contributes."
    BARRIER = "BARRIER", "Something that should have stopped it."
    EVENT = "EVENT", "Something that happened."
    GATE_AND = "GATE_AND", "All of what lies below is needed."
    GATE_OR = "GATE_OR", "Any one of what lies below is enough."


class CauseNodeCategory(DescribedEnum):
    """Where a cause lies."""

    PEOPLE = "PEOPLE", "With persons: skill, attention, staffing."
    METHOD = "METHOD", "In how the work is done or described."
    MACHINE = "MACHINE", "In equipment, tools or software."
    MATERIAL = "MATERIAL", "In what the work is done with or on."
    MEASUREMENT = "MEASUREMENT", "In how it is measured or checked."
    ENVIRONMENT = "ENVIRONMENT", "In the surroundings."
    MANAGEMENT = "MANAGEMENT", "In decisions, priorities or resources."
