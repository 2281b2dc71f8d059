"""Findings: the one register of what audits, people, customers and regulators found."""
