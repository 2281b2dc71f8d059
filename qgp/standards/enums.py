"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.kit.gql import described
from qgp.standards.terms import (
    AnnexSlTheme,
    ChangeKind,
    Conformity,
    ControlTheme,
    ControlType,
    Implementation,
    JustificationBasis,
    MappingBasis,
    MappingRelation,
    MappingStatus,
    SecurityProperty,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)

__all__ = [
    "AnnexSlTheme",
    "ChangeKind",
    "Conformity",
    "ControlTheme",
    "ControlType",
    "Implementation",
    "JustificationBasis",
    "MappingBasis",
    "MappingRelation",
    "MappingStatus",
    "SecurityProperty",
    "StandardKind",
    "StandardOrigin",
    "StandardStatus",
]

described(StandardKind, "What sort of document a standard is.")
described(StandardStatus, "Where a standard stands in its life.")
described(StandardOrigin, "Where a standard in the library comes from.")
described(AnnexSlTheme, "The subject of a clause, shared by all management standards.")
described(ControlTheme, "How a control of ISO/IEC 27001, Annex A takes effect.")
described(ControlType, "When a control acts, seen from the incident.")
described(SecurityProperty, "What of information a control protects.")
described(MappingRelation, "How the demands of two clauses relate.")
described(MappingBasis, "What a mapping rests on.")
described(MappingStatus, "What the organization thinks of a mapping.")
described(ChangeKind, "What became of a clause from one edition to the next.")
described(Implementation, "How far a clause is put into practice.")
described(Conformity, "Whether practice meets a clause.")
described(JustificationBasis, "Why a clause applies or does not.")
