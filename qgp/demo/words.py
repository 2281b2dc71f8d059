"""Proper nouns of the demo, which fill the gaps in texts."""

from collections.abc import Mapping, Sequence
from random import Random

_WORDS: Mapping[str, tuple[str, ...]] = {
    "machine": (
        "lathe D-14", "milling centre F-07", "test bench PB-3", "balancing machine W-02",
        "press H-21", "drilling station B-11", "washing line R-05", "coating booth C-01",
    ),
    "gauge": (
        "torque wrench DM-118", "micrometer MM-042", "pressure gauge PG-207", "bore gauge IM-031",
        "multimeter EL-015", "coordinate measuring machine KM-2", "thread gauge GW-077",
    ),
    "document": (
        "work instruction AA-4711", "procedure VA-07", "test plan PP-112", "form FB-230",
        "drawing Z-88412", "inspection plan PP-087", "work instruction AA-5203", "procedure VA-19",
    ),
    "supplier": (
        "Fonderia Moretti S.p.A.", "Kugellager Nord GmbH", "Sealtec B.V.", "Elektro Krause KG",
        "Metalpol Sp. z o.o.", "Lackwerke Hansen GmbH", "Antriebe Schwaben AG",
    ),
    "area": (
        "hall 1", "hall 2", "the paint shop", "goods receipt", "the high-bay store",
        "the moulding shop", "the dispatch area", "the test field", "the chip yard",
    ),
    "product": (
        "pump series KX 40", "pump series KX 65", "impeller L-220", "shaft seal DS-9",
        "housing G-310", "drive unit A-55", "control box S-12",
    ),
    "system": (
        "the ERP system", "the drawing archive", "the time recording", "the test data server",
        "the file server of Hamburg", "the supplier portal", "the calibration database",
    ),
    "substance": (
        "cooling lubricant", "two-component paint", "hydraulic oil", "alkaline cleaner",
        "acetone", "release agent", "battery acid",
    ),
    "person": (
        "the deputy shift leader", "a temporary worker", "the new tester",
        "the goods inwards clerk", "an apprentice in the second year", "the night shift operator",
    ),
    "customer": (
        "Stadtwerke Lübeck", "Hafen Energie AG", "Aqua Nordic AB", "Chemiepark Leuna",
        "Papierwerke Ems", "Brauerei Sonnau",
    ),
}  # fmt: skip


def fill(text: str, dice: Random) -> str:
    """Fill the gaps of a sentence, as `fill_alike` does."""
    return fill_alike([text], dice)[0]


def fill_alike(texts: Sequence[str], dice: Random) -> list[str]:
    """Fill the gaps of related sentences, each gap with the same word in all of them.

    {n} is a number from 2 to 9, {order} that of an order.
    """
    chosen = {name: dice.choice(words) for name, words in sorted(_WORDS.items())}
    chosen["n"], chosen["order"] = str(dice.randint(2, 9)), f"{dice.randint(40000, 49999)}"
    full = [text.format_map(chosen) for text in texts]
    return [text[0].upper() + text[1:] for text in full]
