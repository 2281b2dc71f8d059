"""The module's closed sets as the schema shows them."""

from qgp.kit.gql import described
from qgp.standards import terms

described(terms.StandardKind, "What sort of document a standard is.")
described(terms.StandardStatus, "Where a standard stands in its life.")
described(terms.StandardOrigin, "Where a standard in the library comes from.")
described(terms.AnnexSlTheme, "The subject of a clause, shared by all management standards.")
described(terms.ControlTheme, "How a control of ISO/IEC 27001, Annex A takes effect.")
described(terms.ControlType, "When a control acts, seen from the incident.")
described(terms.SecurityProperty, "What of information a control protects.")
described(terms.MappingRelation, "How the demands of two clauses relate.")
described(terms.MappingBasis, "What a mapping rests on.")
described(terms.MappingStatus, "What the organization thinks of a mapping.")
described(terms.ChangeKind, "What became of a clause from one edition to the next.")
described(terms.Implementation, "How far a clause is put into practice.")
described(terms.Conformity, "Whether practice meets a clause.")
described(terms.JustificationBasis, "Why a clause applies or does not.")
