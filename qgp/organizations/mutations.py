"""Changing the organization, its sites and departments."""

from qgp.kit.gql import create, update
from qgp.organizations import policy, service
from qgp.organizations.loaders import department_by_id, organization_by_id, site_by_id
from qgp.organizations.types import Department, Organization, Site

organization_update = update(
    Organization,
    policy.MANAGE,
    service.update,
    returns=organization_by_id,
    description="Change what your organization says of itself.",
)
site_create = create(Site, policy.MANAGE, returns=site_by_id)
site_update = update(Site, policy.MANAGE, returns=site_by_id)
department_create = create(Department, policy.MANAGE, returns=department_by_id)
department_update = update(Department, policy.MANAGE, returns=department_by_id)
