"""Findings: the register of nonconformities, observations, improvements and good practice."""
