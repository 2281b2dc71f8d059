"""Commands on audit templates, their versions, sections and questions."""
