"""The closed sets of audit templates."""

from qgp.kit.described_enum import DescribedEnum


class TemplateCategory(DescribedEnum):
    """What a template is used for."""

    INTERNAL_AUDIT = "INTERNAL_AUDIT", "An audit of the management system."
    PROCESS_AUDIT = "PROCESS_AUDIT", "An audit of one process."
    PRODUCT_AUDIT = "PRODUCT_AUDIT", "An audit of a finished product."
    SUPPLIER_AUDIT = "SUPPLIER_AUDIT", "An audit at a supplier."
    INSPECTION = "INSPECTION", "A look at a place or thing, against a list."
    SAFETY_TOUR = "SAFETY_TOUR", "A walk that looks for hazards."
    LAYERED = "LAYERED", "A short check that every level of management repeats."
    GEMBA = "GEMBA", "A walk to where the work is done, to learn from it."
    SELF_ASSESSMENT = "SELF_ASSESSMENT", "A team that looks at itself."


class TemplateVersionStatus(DescribedEnum):
    """Where a version of a template stands."""

    DRAFT = "DRAFT", "Being written; its sections and questions can be changed."
    IN_APPROVAL = "IN_APPROVAL", "Waiting for somebody else to publish it or send it back."
    PUBLISHED = "PUBLISHED", "In use; nothing in it changes any more."
    RETIRED = "RETIRED", "No new audit uses it; what was audited with it stays as it is."


FIXED = frozenset({TemplateVersionStatus.PUBLISHED, TemplateVersionStatus.RETIRED})


class ScoringMethod(DescribedEnum):
    """How the result of an audit is told."""

    NONE = "NONE", "Nothing is scored."
    POINTS = "POINTS", "As points reached, of those that could be reached."
    PERCENT = "PERCENT", "As a percentage, by the weights of questions and sections."
    CONFORMITY = "CONFORMITY", "As a percentage of the answers that conform."
    TRAFFIC_LIGHT = "TRAFFIC_LIGHT", "As green, amber or red, by the two marks."


class QuestionType(DescribedEnum):
    """What kind of answer a question takes."""

    YES_NO = "YES_NO", "YES or NO; NO fails."
    CONFORMITY = "CONFORMITY", "C, OBS, MIN or MAJ; MIN and MAJ fail."
    PASS_FAIL = "PASS_FAIL", "PASS or FAIL."
    SINGLE = "SINGLE", "One of its options."
    MULTI = "MULTI", "Any number of its options."
    NUMBER = "NUMBER", "A number; fails outside of minimum and maximum."
    RATING = "RATING", "A whole number from minimum to maximum, the more the better."
    TEXT = "TEXT", "A text."
    DATE = "DATE", "A calendar day."
    TIME = "TIME", "A time of day."
    PHOTO = "PHOTO", "A photo."
    SIGNATURE = "SIGNATURE", "Somebody's signature on the spot."
    PERSON = "PERSON", "A person."
    ASSET = "ASSET", "A piece of equipment."
    SITE = "SITE", "A site of the organization."
    GPS = "GPS", "A place, as latitude and longitude."
    TEMPERATURE = "TEMPERATURE", "A temperature; fails outside of minimum and maximum."
    CALCULATED = "CALCULATED", "A number that the client works out from other answers."


CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTI})
MEASURES = frozenset({QuestionType.NUMBER, QuestionType.TEMPERATURE, QuestionType.CALCULATED})
VERDICTS = frozenset({QuestionType.YES_NO, QuestionType.CONFORMITY, QuestionType.PASS_FAIL})
SCORABLE = CHOICES | MEASURES | VERDICTS | {QuestionType.RATING}


class QuestionCriticality(DescribedEnum):
    """How much a failing answer weighs."""

    CRITICAL = "CRITICAL", "One failure fails the whole audit, whatever the score."
    MAJOR = "MAJOR", "A failure is a serious matter."
    MINOR = "MINOR", "A failure is a lapse."
    INFO = "INFO", "Asked to know, not to judge."


class VisibilityOperator(DescribedEnum):
    """How the answer to an earlier question decides whether something is asked."""

    EQ = "EQ", "The answer is the one value."
    NE = "NE", "The question is answered, and not with the one value."
    IN = "IN", "The answer, or one of several, is among the values."
    GT = "GT", "The answer is a number above the one value."
    LT = "LT", "The answer is a number below the one value."
    ANSWERED = "ANSWERED", "The question is answered, with whatever; takes no values."
