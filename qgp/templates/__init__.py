"""Audit templates: checklists in versions, with sections, questions and what they score."""
