"""Made-up identities in the forms that the systems use, from ranges that nobody is given.

ADS-B       24-bit address from F00000 on, which ICAO Annex 10 leaves unassigned, as six hexadecimal digits
Remote ID   serial number of ANSI/CTA-2063-A with a maker that does not exist
AIS         MMSI that begins with 200, an identification that ITU has given to no country
"""

from __future__ import annotations

import numpy as np

MAKER = "9Z9Z"


def aircraft_address(rng: np.random.Generator) -> str:
    """A 24-bit address."""
    return f"{int(rng.integers(0xF00000, 0xF10000)):06X}"


def serial_number(rng: np.random.Generator) -> str:
    """A serial number of 9 digits ("9" says how many) by the maker."""
    return f"{MAKER}9{int(rng.integers(10**9)):09d}"


def ship_number(rng: np.random.Generator) -> str:
    """An MMSI."""
    return f"200{int(rng.integers(10**6)):06d}"
