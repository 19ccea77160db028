"""What declares positions: categories 020, 021, 062 and 129 (EUROCONTROL-SPEC-0149 Parts 14, 12, 9 and 29).

Accuracies come as one-axis sigmas. ADS-B tells the radius that holds 95 % (NACp, and NUCp of version 0 by the table of
DO-260 with its HFOM), its velocity likewise (NACv), its geometric height 95 % of one axis (GVA); category 129 a radius
in metres, taken for 95 %. Those of 020 and 062 are sigmas.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .targets import (
    CIRCLE_95_SIGMAS,
    DEGREE,
    ELLIPSOID,
    ENDED,
    FIXED_TRANSPONDER,
    FLIGHT_LEVEL_M,
    FOOT_A_MINUTE_MPS,
    FOOT_M,
    LINE_95_SIGMAS,
    MSL,
    NM_M,
    NOT_SEEN,
    PRESSURE,
    SIMULATED,
    TEST,
    Cells,
    Floats,
    Targets,
    along,
    first_of,
    heights,
    is_one,
    one_axis,
    stated,
    valid_level_m,
)

WANTED_020 = tuple(
    "010 020/RAB 020/SIM 020/TST 140 041/LAT 041/LON 042/X 042/Y 170/CST 170/TRE 202/VX 202/VY 090/V 090/G 090/FL 220 "
    "245/CHR 110 105 500/SDP/X 500/SDP/Y 500/SDH".split()
)
WANTED_021 = tuple(
    "010 040/RAB 040/SIM 040/TST 040/CPR 040/LDPJ 040/RCF 040/IPC 030 071 073 077 130/LAT 130/LON 131/LAT 131/LON 080 "
    "140 090/NUCPNIC 090/NACP 090/NUCRNACV 090/GVA 210/VN 145 155/BVR 157/GVR 160/GS 160/GSP 160/TA 170".split()
)
WANTED_062 = tuple(
    "010 070 105/LAT 105/LON 185/VX 185/VY 245/CHR 380/ADR 380/ID 080/SIM 080/TSE 080/CST 136 130 135/QNH 135/CTB 220 "
    "500/APC/X 500/APC/Y 500/APW/LAT 500/APW/LON 500/AGA 500/ABA 500/ATV/X 500/ATV/Y".split()
)
WANTED_129 = tuple("010 020/@ 030/@ 040/@ 070 080/LAT 080/LON 090 110 185/VX 185/VY 220/VZ".split())

DOUBTED = "position that the receiving station doubts"
METRES_A_DEGREE = 60.0 * NM_M

_NM = NM_M
NACP_95_M = np.array(
    [np.nan, *(10 * _NM, 4 * _NM, 2 * _NM, _NM, 0.5 * _NM, 0.3 * _NM, 0.1 * _NM, 0.05 * _NM), 30, 10, 3]
)
"""Radius that holds 95 %, by NACp (DO-260B table 2-70)."""
NUCP_95_M = np.array([np.nan, 10 * _NM, 5 * _NM, _NM, 0.5 * _NM, 0.25 * _NM, 0.1 * _NM, 0.05 * _NM, 10, 3])
"""The same by NUCp, version 0 (DO-260 table 2-11)."""
NACV_95_MPS = np.array([np.nan, 10.0, 3.0, 1.0, 0.3])
"""By NACv, and NUCr of version 0 (DO-260B table 2-22)."""
GVA_95_M = np.array([np.nan, 150.0, 45.0])
"""By GVA (DO-260B table 2-71)."""


def from_020(c: Cells) -> Targets:
    """Category 020: multilateration, WGS-84 or Cartesian in m from the reference point."""
    height, datum = heights((c["105"] * FOOT_M, ELLIPSOID), (valid_level_m(c, "090"), PRESSURE))
    columns = {
        "latitude_deg": c["041/LAT"],
        "longitude_deg": c["041/LON"],
        "height_m": height,
        "east_mps": c["202/VX"],
        "north_mps": c["202/VY"],
        "sigma_position_m": one_axis(c["500/SDP/X"], c["500/SDP/Y"]),
        "sigma_height_m": np.where(datum == ELLIPSOID, stated(c["500/SDH"]), np.nan),
    }
    ignored = [
        (SIMULATED, is_one(c["020/SIM"])),
        (TEST, is_one(c["020/TST"])),
        (FIXED_TRANSPONDER, is_one(c["020/RAB"])),
        (NOT_SEEN, is_one(c["170/CST"])),
        (ENDED, is_one(c["170/TRE"])),
    ]
    local = {"x_m": c["042/X"], "y_m": c["042/Y"], "height_m": c["110"] * FOOT_M}
    return Targets(*(c["010"], c["140"], columns, ignored, datum), address=c["220"], callsign=c["245/CHR"], local=local)


def from_021(c: Cells) -> Targets:
    """Category 021: ADS-B; time of applicability before that of reception before that of transmission."""
    height, datum = heights((c["140"] * FOOT_M, ELLIPSOID), (c["145"] * FLIGHT_LEVEL_M, PRESSURE))
    east, north = along(first_of(c["160/GS"], c["160/GSP"]) * NM_M, c["160/TA"] * DEGREE)
    first_version = c["210/VN"] == 0.0
    radius = np.where(first_version, _by(NUCP_95_M, c["090/NUCPNIC"]), _by(NACP_95_M, c["090/NACP"]))
    columns = {
        "latitude_deg": first_of(c["131/LAT"], c["130/LAT"]),
        "longitude_deg": first_of(c["131/LON"], c["130/LON"]),
        "height_m": height,
        "east_mps": east,
        "north_mps": north,
        "up_mps": first_of(c["157/GVR"], c["155/BVR"]) * FOOT_A_MINUTE_MPS,
        "sigma_position_m": radius / CIRCLE_95_SIGMAS,
        "sigma_velocity_mps": _by(NACV_95_MPS, c["090/NUCRNACV"]) / CIRCLE_95_SIGMAS,
        "sigma_height_m": np.where(datum == ELLIPSOID, _by(GVA_95_M, c["090/GVA"]) / LINE_95_SIGMAS, np.nan),
    }
    ignored = [
        (SIMULATED, is_one(c["040/SIM"])),
        (TEST, is_one(c["040/TST"])),
        (FIXED_TRANSPONDER, is_one(c["040/RAB"])),
        (DOUBTED, is_one(c["040/CPR"], c["040/LDPJ"], c["040/RCF"], c["040/IPC"])),
    ]
    time_s = first_of(c["071"], c["073"], c["030"], c["077"])
    return Targets(c["010"], time_s, columns, ignored, datum, address=c["080"], callsign=c["170"])


def from_062(c: Cells) -> Targets:
    """Category 062: tracks of another system; the geometric altitude before barometric ones, corrected ones first."""
    corrected = c["135/QNH"] == 1.0
    barometric = c["135/CTB"] * FLIGHT_LEVEL_M
    height, datum = heights(
        (c["130"] * FOOT_M, ELLIPSOID),
        (np.where(corrected, barometric, np.nan), MSL),
        (np.where(corrected, np.nan, barometric), PRESSURE),
        (c["136"] * FLIGHT_LEVEL_M, PRESSURE),
    )
    columns = {
        "latitude_deg": c["105/LAT"],
        "longitude_deg": c["105/LON"],
        "height_m": height,
        "east_mps": c["185/VX"],
        "north_mps": c["185/VY"],
        "up_mps": c["220"] * FOOT_A_MINUTE_MPS,
        "sigma_position_m": first_of(one_axis(c["500/APC/X"], c["500/APC/Y"]), _sigma_of_angles(c)),
        "sigma_height_m": stated(
            np.where(datum == ELLIPSOID, c["500/AGA"] * FOOT_M, c["500/ABA"] * FLIGHT_LEVEL_M),
        ),
        "sigma_velocity_mps": one_axis(c["500/ATV/X"], c["500/ATV/Y"]),
    }
    ignored = [
        (SIMULATED, is_one(c["080/SIM"])),
        (ENDED, is_one(c["080/TSE"])),
        (NOT_SEEN, is_one(c["080/CST"])),
    ]
    callsign = first_of(c["380/ID"], c["245/CHR"])
    return Targets(c["010"], c["070"], columns, ignored, datum, address=c["380/ADR"], callsign=callsign)


def from_129(c: Cells) -> Targets:
    """Category 129: unmanned aircraft that identify themselves; altitude above mean sea level."""
    columns = {
        "latitude_deg": c["080/LAT"],
        "longitude_deg": c["080/LON"],
        "height_m": c["090"],
        "east_mps": c["185/VX"],
        "north_mps": c["185/VY"],
        "up_mps": c["220/VZ"],
        "sigma_position_m": stated(c["110"]) / CIRCLE_95_SIGMAS,
    }
    datum = np.full(len(c["090"]), MSL, dtype=np.int8)
    return Targets(c["010"], c["070"], columns, [], datum, words=[c["020/@"], c["030/@"], c["040/@"]])


def _sigma_of_angles(c: Cells) -> Floats:
    north = c["500/APW/LAT"] * METRES_A_DEGREE
    east = c["500/APW/LON"] * METRES_A_DEGREE * np.cos(c["105/LAT"] * DEGREE)
    return one_axis(east, north)


def _by(table: NDArray[np.float64], code: Floats) -> Floats:
    """What a code means; one that is missing or not assigned means nothing."""
    index = np.nan_to_num(code).astype(np.int64)
    found: Floats = table[np.where(index < len(table), index, 0)]
    return found
