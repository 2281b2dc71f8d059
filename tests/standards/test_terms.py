"""The vocabularies explain themselves."""

from qgp.kit.described_enum import DescribedEnum
from qgp.standards.model import terms


def test_every_term_says_what_it_means() -> None:
    vocabularies = [
        each
        for each in vars(terms).values()
        if isinstance(each, type) and issubclass(each, DescribedEnum)
    ]
    assert {terms.AnnexSlTheme, terms.ChangeKind} < set(vocabularies)
    assert len(terms.AnnexSlTheme) == 24
    for term in (term for vocabulary in vocabularies for term in vocabulary):
        assert term == term.value == term.name
        assert term.meaning.endswith("."), term
