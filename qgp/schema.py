"""The composition root: one line per module, nothing else knows them all."""

MODULES = (
    "accounts",
    "organizations",
    "users",
    # "standards",
)
