"""Enumerations of audit templates."""

from qgp.kit.described_enum import DescribedEnum


class TemplateCategory(DescribedEnum):
    """Purpose of an audit template."""

    INTERNAL_AUDIT = "INTERNAL_AUDIT", "Internal audit of the management system."
    PROCESS_AUDIT = "PROCESS_AUDIT", "Audit of one process."
    PRODUCT_AUDIT = "PRODUCT_AUDIT", "Audit of a product or service."
    SUPPLIER_AUDIT = "SUPPLIER_AUDIT", "Audit of an external provider."
    INSPECTION = "INSPECTION", "Inspection of a place or an object."
    SAFETY_TOUR = "SAFETY_TOUR", "Safety tour to identify hazards (ISO 45001:2018, 6.1.2)."
    LAYERED = "LAYERED", "Layered process audit, repeated by each level of management."
    GEMBA = "GEMBA", "Gemba walk, an observation at the workplace."
    SELF_ASSESSMENT = "SELF_ASSESSMENT", "Self-assessment by the assessed team."


class TemplateVersionStatus(DescribedEnum):
    """Status of a template version."""

    DRAFT = "DRAFT", "Draft; sections and questions can be changed."
    IN_APPROVAL = "IN_APPROVAL", "Submitted for approval; published or returned by another person."
    PUBLISHED = "PUBLISHED", "Approved and in use; cannot be changed."
    RETIRED = "RETIRED", "Retired; new audits cannot use it, existing audits keep it."


FIXED = frozenset({TemplateVersionStatus.PUBLISHED, TemplateVersionStatus.RETIRED})


class ScoringMethod(DescribedEnum):
    """Scoring method of an audit."""

    NONE = "NONE", "Not scored."
    POINTS = "POINTS", "Points achieved out of those achievable."
    PERCENT = "PERCENT", "Percentage, by the weights of questions and sections."
    CONFORMITY = "CONFORMITY", "Percentage of conforming responses."
    TRAFFIC_LIGHT = "TRAFFIC_LIGHT", "Green, amber or red, by pass mark and conditional mark."


class QuestionType(DescribedEnum):
    """Type of the response to a question."""

    YES_NO = "YES_NO", "Verdict YES or NO; NO fails."
    CONFORMITY = "CONFORMITY", "Verdict CONFORM, OBSERVATION, MINOR or MAJOR; the last two fail."
    PASS_FAIL = "PASS_FAIL", "Verdict PASS or FAIL; FAIL fails."
    SINGLE = "SINGLE", "Exactly one of the options."
    MULTI = "MULTI", "One or more of the options."
    NUMBER = "NUMBER", "Number; fails outside minimum and maximum."
    RATING = (
        "RATING",
        ("Whole number from minimum to maximum, higher is better; fails at the minimum."),
    )
    TEXT = "TEXT", "Text."
    DATE = "DATE", "Date."
    TIME = "TIME", "Time of day."
    PHOTO = "PHOTO", "Photo."
    SIGNATURE = "SIGNATURE", "Handwritten signature on site."
    PERSON = "PERSON", "User of the organization."
    ASSET = "ASSET", "Piece of equipment."
    SITE = "SITE", "Site of the organization."
    GPS = "GPS", "Geographic position, as latitude and longitude."
    TEMPERATURE = "TEMPERATURE", "Temperature; fails outside minimum and maximum."
    CALCULATED = (
        "CALCULATED",
        (
            "Number that the client calculates from other responses; fails outside minimum and "
            "maximum."
        ),
    )


CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTI})
MEASURES = frozenset({QuestionType.NUMBER, QuestionType.TEMPERATURE, QuestionType.CALCULATED})
VERDICTS = frozenset({QuestionType.YES_NO, QuestionType.CONFORMITY, QuestionType.PASS_FAIL})
SCORABLE = CHOICES | MEASURES | VERDICTS | {QuestionType.RATING}


class QuestionCriticality(DescribedEnum):
    """Criticality of a question."""

    CRITICAL = (
        "CRITICAL",
        ("Critical question: a failing response fails the whole audit at any score."),
    )
    MAJOR = "MAJOR", "A failing response indicates a major nonconformity."
    MINOR = "MINOR", "A failing response indicates a minor nonconformity."
    INFO = "INFO", "Informative; responses never fail."


class VisibilityOperator(DescribedEnum):
    """Comparison of the response to an earlier question in a visibility condition."""

    EQ = "EQ", "The response equals the one value."
    NE = "NE", "There is a response, other than the one value."
    IN = "IN", "The response, or one of its options, is among the values."
    GT = "GT", "The response is a number above the one value."
    LT = "LT", "The response is a number below the one value."
    ANSWERED = "ANSWERED", "There is a response; takes no values."
