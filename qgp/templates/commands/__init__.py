"""Commands on templates, their versions, sections and questions."""
