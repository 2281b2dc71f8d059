"""Audits of management systems, processes, products and suppliers (ISO 9001:2015, 9.2)."""
