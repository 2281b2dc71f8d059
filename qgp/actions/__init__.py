"""Actions: tasks with an owner and a due date, from findings, CAPAs, audits or none."""
