"""Mutations of the organization, its sites and departments."""

from qgp.kit.gql import create, update
from qgp.organizations import policy, service
from qgp.organizations.types import Department, Organization, Site

organization_update = update(
    Organization,
    policy.MANAGE,
    service.update,
    description="Changes name, time zone, locale, currency, terms or windows of your organization.",
)
site_create = create(Site, policy.MANAGE)
site_update = update(Site, policy.MANAGE)
department_create = create(Department, policy.MANAGE)
department_update = update(Department, policy.MANAGE)
