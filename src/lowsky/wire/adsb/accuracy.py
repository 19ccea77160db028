"""What ADS-B says of its own accuracy, as one-axis sigmas.

Sources: RTCA DO-260B 2.2.3.2.7.1.3.8 (NACp: estimated position uncertainty, the radius of a horizontal circle that
holds 95 %), 2.2.3.2.6.1.5 (NACv: the same of velocity), 2.2.3.2.7.2.8 (GVA: 95 % of the height); DO-260 table N-1
(NUCp of transponders of version 0, by type code, as the bound of 95 % of horizontal error). For a circular normal
error a circle of 95 % is 2.4477 sigmas wide; of one axis 95 % are 1.96.
"""

from __future__ import annotations

import numpy as np

from .frames import Floats, Longs

CIRCLE_95, AXIS_95 = 2.4477, 1.9600
NAUTICAL_MILE_M = 1852.0
UNKNOWN = -1

EPU_M = np.array([10.0, 10.0, 4.0, 2.0, 1.0, 0.5, 0.3, 0.1, 0.05]) * NAUTICAL_MILE_M
"""By NACp 0 to 8; 0, "unknown or 10 NM or worse", as the least it can be."""
_BY_NACP = np.concatenate([EPU_M, [30.0, 10.0, 3.0], np.full(4, np.nan)]) / CIRCLE_95

_NUCP_M = np.array([10.0, 10.0, 5.0, 1.0, 0.5, 0.25, 0.1, 0.05]) * NAUTICAL_MILE_M
_BY_NUCP = np.concatenate([_NUCP_M, [10.0, 3.0]]) / CIRCLE_95
_NUCP_OF_TYPE = np.zeros(32, dtype=np.int64)
_NUCP_OF_TYPE[5:19] = [9, 8, 7, 6, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
_NUCP_OF_TYPE[20:23] = [9, 8, 0]

_BY_NACV = np.array([10.0, 10.0, 3.0, 1.0, 0.3, np.nan, np.nan, np.nan]) / CIRCLE_95
"""m/s by NACv; 0, "unknown or 10 m/s or worse", as the least it can be."""
_BY_GVA = np.array([np.nan, 150.0, 45.0, np.nan]) / AXIS_95

MLAT_SIGMA_M = 100.0  # of positions by multilateration, which tell none: typical of receivers of volunteers
HEIGHT_SIGMA_M = 45.0 / AXIS_95  # of a geometric height that does not say how good it is
OLD_DATUM_SIGMA_M = 20.0  # before version 2 some installations count from mean sea level, up to 60 m off, most less
BARO_SIGMA_M = 15.0  # altimeter and its steps of 25 ft; of 100 ft hardly more


def position_sigma_m(nacp: Longs, type_code: Longs) -> Floats:
    """Horizontal sigma (n,), m, of one axis by NACp (`UNKNOWN` where none was told), else by the type code's NUCp."""
    by_type = _BY_NUCP[_NUCP_OF_TYPE[type_code]]
    sigma = np.where(nacp >= 0, _BY_NACP[np.maximum(nacp, 0)], by_type)
    return np.where(np.isnan(sigma), by_type, sigma)  # reserved codes


def velocity_sigma_mps(nacv: Longs) -> Floats:
    """Horizontal sigma (n,), m/s, of one axis by NACv."""
    sigma = _BY_NACV[nacv]
    return np.where(np.isnan(sigma), _BY_NACV[0], sigma)


def height_sigma_m(gva: Longs, version: Longs) -> Floats:
    """Sigma (n,), m, of geometric heights by GVA and the version of the transponder (`UNKNOWN` where not told)."""
    sigma = np.where(gva >= 0, _BY_GVA[np.maximum(gva, 0)], np.nan)
    sigma = np.where(np.isnan(sigma), HEIGHT_SIGMA_M, sigma)
    return np.where(version >= 2, sigma, np.hypot(sigma, OLD_DATUM_SIGMA_M))
