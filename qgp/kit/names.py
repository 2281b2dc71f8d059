"""Conversion between the names of Python and of the API."""

import re


def snake(name: str) -> str:
    """Return the name of a type as Python spells a field of it: ClauseMapping, clause_mapping."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_camel(name: str) -> str:
    """Return a Python name as the API spells it."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def to_pascal(name: str) -> str:
    """Return a field's name as the beginning of a type's name: siteCreate, SiteCreate."""
    camel = to_camel(name)
    return camel[0].upper() + camel[1:]


def words(kind: str) -> str:
    """Return the name of a type in words: AuditTeamMember, audit team member; Capa, CAPA."""
    return re.sub(r"\bcapa\b", "CAPA", snake(kind).replace("_", " "))


def plural(kind: str) -> str:
    """Return the name of a type in words, in the plural: CauseCategory, cause categories."""
    name = words(kind)
    for singular, ending in (("sis", "ses"), ("ss", "sses"), ("ch", "ches"), ("y", "ies")):
        if name.endswith(singular):
            return name.removesuffix(singular) + ending
    return f"{name}s"


def one_of(kind: str) -> str:
    """Return the name of a type with its article: a Finding, an Audit, an audit, a User."""
    return f"{'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}"
