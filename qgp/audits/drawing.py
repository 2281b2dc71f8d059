"""Drawing a random sample that anybody can draw again."""

import hashlib


def drawn(seed: str, *, size: int, population: int) -> list[int]:
    """Return `size` different numbers from 1 to `population`, in order.

    For k = 1, 2, 3, … take the SHA-256 of the text `<seed>:<k>` in UTF-8 as one whole number, the
    first byte the most significant; its remainder by the population's size, plus 1, is drawn
    unless it was drawn before. Stop when there are as many as the sample's size, and put them in
    order. The same seed gives the same numbers on any machine.
    """
    found: set[int] = set()
    k = 0
    while len(found) < size:
        k += 1
        digest = hashlib.sha256(f"{seed}:{k}".encode()).digest()
        found.add(int.from_bytes(digest, "big") % population + 1)
    return sorted(found)
