"""How Python's names and the API's turn into each other."""

import re


def snake(name: str) -> str:
    """Return the name of a type as Python spells a field of it: ClauseMapping, clause_mapping."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_camel(name: str) -> str:
    """Return a Python name as the API spells it."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def one_of(kind: str) -> str:
    """Return the name of a type with its article: a Finding, an Audit, a User."""
    return f"{'an' if kind[0] in 'AEIO' else 'a'} {kind}"
