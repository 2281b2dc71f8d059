"""Organizations: the tenants, their sites and their departments (ISO 9001:2015, 4.3 and 5.3)."""
