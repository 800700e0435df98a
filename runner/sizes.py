"""Numbers of bytes, as people write and read them."""

from __future__ import annotations

import re
from decimal import Decimal

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def parse(text: str) -> int | None:
    """Bytes of "500MB", "2 GB", "1.5GiB", "800M" or "0": powers of 1000, with an `i` powers of 1024; None: no size."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    return int(Decimal(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])


def readable(size: int) -> str:
    """Bytes for a person: "1.5 GB"."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"
