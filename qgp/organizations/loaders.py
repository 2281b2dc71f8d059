"""Loaders and registers of organizations, sites and departments."""

from qgp.kit.loader import Register, one
from qgp.organizations.model import Department, Organization, Site
from qgp.organizations.policy import READ

organization_by_id = one(Organization, READ)
site_by_id = one(Site, READ)
site_by_code = one(Site, READ, by=Site.code, example="BER")
department_by_id = one(Department, READ)
department_by_code = one(Department, READ, by=Department.code, example="QA")

sites = Register(Site, READ, ("code",))
departments = Register(Department, READ, ("code",))
