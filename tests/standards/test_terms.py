"""The vocabularies explain themselves."""

from qgp.standards import terms


def test_every_term_says_what_it_means() -> None:
    vocabularies = terms.Term.__subclasses__()
    assert len(vocabularies) == 9
    assert len(terms.AnnexSlTheme) == 24
    for term in (term for vocabulary in vocabularies for term in vocabulary):
        assert term == term.value == term.name
        assert term.meaning.endswith("."), term
