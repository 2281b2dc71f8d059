"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.templates.types import (
        AuditTemplate,
        Question,
        QuestionOption,
        Section,
        TemplateVersion,
        Visibility,
    )

AuditTemplateRef = Annotated["AuditTemplate", strawberry.lazy("qgp.templates.types")]
TemplateVersionRef = Annotated["TemplateVersion", strawberry.lazy("qgp.templates.types")]
SectionRef = Annotated["Section", strawberry.lazy("qgp.templates.types")]
QuestionRef = Annotated["Question", strawberry.lazy("qgp.templates.types")]
QuestionOptionRef = Annotated["QuestionOption", strawberry.lazy("qgp.templates.types")]
VisibilityRef = Annotated["Visibility", strawberry.lazy("qgp.templates.types")]
