"""Records of a standard, its clauses and mappings before an organization adopts them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qgp.standards.commands.numbering import sort_key
from qgp.standards.model.terms import (
    AnnexSlTheme,
    ChangeKind,
    ClauseExclusion,
    ClauseLevel,
    ControlTheme,
    ControlType,
    MappingBasis,
    MappingRelation,
    SecurityProperty,
    StandardKind,
    StandardStatus,
)


@dataclass(frozen=True, slots=True)
class CatalogueClause:
    """One node of a standard's tree: a chapter, a clause, a group or a control.

    Attributes:
        key: stays the same when the source is read again; for shipped editions the number.
        guidance: what to look for; empty where an imported source has none.
        parent: number of the node above, or None at the top.
        depth: 0 at the top.
        is_requirement: it can be assessed; the nodes that only group others cannot.
        level: whether it holds once for the organization, or for each site.
        exclusion: whether it may be excluded.
        text: the requirement's wording, only where the source may be copied; else None.
        former_keys: keys of the withdrawn clauses that moved to it or were incorporated.
        theme: None where the source does not follow the common structure.
        control_theme: None for what is not a control of Annex A; then the next two are empty.
    """

    key: str
    number: str
    title: str
    guidance: str
    parent: str | None
    depth: int
    is_requirement: bool
    level: ClauseLevel = ClauseLevel.SITE
    exclusion: ClauseExclusion = ClauseExclusion.JUSTIFIED
    text: str | None = None
    former_keys: tuple[str, ...] = ()
    theme: AnnexSlTheme | None = None
    control_theme: ControlTheme | None = None
    control_types: tuple[ControlType, ...] = ()
    security_properties: tuple[SecurityProperty, ...] = ()

    @property
    def sort_key(self) -> str:
        """Natural order as text: 8.10 after 8.9."""
        return sort_key(self.number)


@dataclass(frozen=True, slots=True)
class CatalogueStandard:
    """One edition of a standard.

    Attributes:
        transition_deadline: last day on which the edition it replaces counts, where known.
        supersedes: the edition of the same family that this one replaces.
        clauses: parents before their children; in natural order, or as the imported file has them.
        document_ids: identify the publication in an imported file.
    """

    family_code: str
    edition: str
    title: str
    kind: StandardKind
    publisher: str
    published_on: date | None
    status: StandardStatus
    transition_deadline: date | None
    supersedes: str | None
    licence_note: str
    clauses: tuple[CatalogueClause, ...]
    document_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Family and edition in one, as in 'ISO9001:2015'."""
        return f"{self.family_code}:{self.edition}"

    @property
    def requirements(self) -> tuple[CatalogueClause, ...]:
        """The clauses that can be assessed."""
        return tuple(clause for clause in self.clauses if clause.is_requirement)


@dataclass(frozen=True, slots=True)
class CatalogueMapping:
    """The relation of a clause of one shipped standard to a clause of another.

    Attributes:
        from_standard: key of the standard, as in 'ISO9001:2015'.
        from_number: None for a clause that is NEW.
        to_number: None for a clause that was REMOVED.
        strength: 0 to 100, the degree to which fulfilling one demonstrates fulfilling the other.
        change_kind: only between editions of one family.
        note: the shared subject, or what changed.
    """

    from_standard: str
    from_number: str | None
    to_standard: str
    to_number: str | None
    relation: MappingRelation
    strength: int
    basis: MappingBasis
    change_kind: ChangeKind | None
    note: str


class CatalogueError(ValueError):
    """The shipped data contradicts itself: a mistake in a data file, never a user's."""


def in_natural_order(clauses: Iterable[CatalogueClause]) -> tuple[CatalogueClause, ...]:
    """Sort by number in natural order, each parent before its children."""
    return tuple(sorted(clauses, key=lambda clause: clause.sort_key))
