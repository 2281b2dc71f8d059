"""The organization itself, its sites and departments."""

from tests.isolation.world import Step, change, place

STEPS = (
    Step("organizationUpdate", "organization", change("organization", name=str, locale="de")),
    Step("siteCreate", "hq", place("hq")),
    Step("siteCreate", "plant", place("plant", "hq")),
    Step("siteUpdate", "plant", change("plant", name=str, country="DE", parentId="hq")),
    Step("departmentCreate", "qa", place("qa")),
    Step("departmentCreate", "lab", place("lab", "qa")),
    Step("departmentUpdate", "lab", change("lab", name=str, parentId="qa")),
)
