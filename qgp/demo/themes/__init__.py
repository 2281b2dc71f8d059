"""All themes, by standard."""

from collections.abc import Mapping

from qgp.demo.themes import customers, quality, security, surroundings
from qgp.demo.themes.theme import Seen, Theme

__all__ = ["ALL", "OF", "Seen", "Theme"]

OF: Mapping[str, tuple[Theme, ...]] = {
    "ISO9001": (
        quality.CALIBRATION,
        quality.DOCUMENTS,
        quality.TRAINING,
        quality.SUPPLIERS,
        quality.PRODUCT,
        quality.TRACEABILITY,
        customers.ORDERS,
        customers.DESIGN,
        customers.MAINTENANCE,
        customers.COMPLAINTS,
        customers.IMPROVEMENT,
    ),
    "ISO14001": (surroundings.WASTE, surroundings.SUBSTANCES, surroundings.OBLIGATIONS),
    "ISO45001": (
        surroundings.PPE,
        surroundings.GUARDS,
        surroundings.EMERGENCY,
        surroundings.CONTRACTORS,
    ),
    "ISO27001": (
        security.ACCESS,
        security.BACKUPS,
        security.PATCHES,
        security.AWARENESS,
        security.PREMISES,
    ),
}
ALL = tuple(theme for themes in OF.values() for theme in themes)
