"""What radars send: categories 001, 010, 015 and 048 (EUROCONTROL-SPEC-0149 Parts 2a, 7, 24 and 4).

A target report of 048 or 001 holds the detection itself (item 040), with the radar's track number if it has one: each
detection is sent once, and a track that was not detected this time says so (TYP or SSRPSR 0). In 010 and 015 a sensor
may send plots and tracks of the same thing; `Targets.track` tells them apart.

Doppler velocity and range rate count as positive when the target recedes.
"""

from __future__ import annotations

import numpy as np

from .targets import (
    DEGREE,
    ELLIPSOID,
    ENDED,
    FIXED_TRANSPONDER,
    FLIGHT_LEVEL_M,
    FOOT_M,
    MSL,
    NM_M,
    NOT_SEEN,
    PRESSURE,
    SIMULATED,
    TEST,
    Cells,
    Targets,
    along,
    first_of,
    heights,
    is_one,
    one_axis,
    stated,
    valid_level_m,
)

WANTED_001 = tuple("010 141 020/SSRPSR 020/SIM 020/RAB 020/TST 040/RHO 040/THETA 090/V 090/G 090/HGT 120 161".split())
WANTED_010 = tuple(
    "010 020/SIM 020/TST 020/RAB 140 041/LAT 041/LON 040/RHO 040/TH 042/X 042/Y 200/GSP 200/TRA 202/VX 202/VY 161 "
    "170/CST 170/TRE 220 245/CHR 090/V 090/G 090/FL 091 500/DEVX 500/DEVY".split()
)
WANTED_015 = tuple(
    "010 000/MT 020/TTAX 145 170/TUR 170/CSTP 600/P84/LATITUDE 600/P84/LONGITUDE 600/HPP/SDHPX 600/HPP/SDHPY 601/GH "
    "601/SDGH 602/HV/X 602/HV/Y 602/SDHV/X 602/SDHV/Y 604/VV 625/R 625/SDR 625/RR 625/SDRR/SDRR 626/DV 626/SDDV 627/AZ "
    "627/SDASZ 628/EL 628/SDEL 630/RPS".split()
)
WANTED_048 = tuple(
    "010 140 020/TYP 020/SIM 020/RAB 020/TST 020/ERR 040/RHO 040/THETA 090/V 090/G 090/FL 110/3DH 120/CAL/D "
    "120/CAL/CAL 220 240".split()
)

EXTENDED_RANGE = "range beyond item 040"
PLOTS, TRACKS, TRACK_END = (1.0, 3.0), (2.0, 4.0), 5.0  # message types of 015


def from_001(c: Cells) -> Targets:
    """Category 001: range in NM; the time of day counts 512 s, and a record without it is taken at its receipt."""
    level = np.where(is_one(c["090/V"], c["090/G"]), np.nan, c["090/HGT"] * FLIGHT_LEVEL_M)
    columns = {
        "range_m": c["040/RHO"] * NM_M,
        "azimuth_rad": c["040/THETA"] * DEGREE,
        "range_rate_mps": c["120"] * NM_M,
        "height_m": level,
    }
    ignored = [
        (SIMULATED, is_one(c["020/SIM"])),
        (TEST, is_one(c["020/TST"])),
        (FIXED_TRANSPONDER, is_one(c["020/RAB"])),
        (NOT_SEEN, (c["020/SSRPSR"] == 0.0) & ~np.isnan(c["161"])),
    ]
    datum = np.full(len(level), PRESSURE, dtype=np.int8)
    return Targets(c["010"], c["141"], columns, ignored, datum, clock_s=512.0, timeless=True)


def from_048(c: Cells) -> Targets:
    """Category 048: slant range in NM; 3D height above mean sea level before flight level."""
    height, datum = heights((c["110/3DH"] * FOOT_M, MSL), (valid_level_m(c, "090"), PRESSURE))
    columns = {
        "range_m": c["040/RHO"] * NM_M,
        "azimuth_rad": c["040/THETA"] * DEGREE,
        "range_rate_mps": np.where(c["120/CAL/D"] == 1.0, np.nan, c["120/CAL/CAL"]),
        "height_m": height,
    }
    ignored = [
        (SIMULATED, is_one(c["020/SIM"])),
        (TEST, is_one(c["020/TST"])),
        (FIXED_TRANSPONDER, is_one(c["020/RAB"])),
        (NOT_SEEN, c["020/TYP"] == 0.0),
        (EXTENDED_RANGE, is_one(c["020/ERR"])),
    ]
    return Targets(c["010"], c["140"], columns, ignored, datum, address=c["220"], callsign=c["240"])


def from_010(c: Cells) -> Targets:
    """Category 010: polar in m, else Cartesian in m from the reference point, and WGS-84 where it is given."""
    x, y = c["042/X"], c["042/Y"]
    speed = along(c["200/GSP"] * NM_M, c["200/TRA"] * DEGREE)
    height, datum = heights((valid_level_m(c, "090"), PRESSURE))
    columns = {
        "range_m": first_of(c["040/RHO"], np.hypot(x, y)),
        "azimuth_rad": first_of(c["040/TH"] * DEGREE, np.mod(np.arctan2(x, y), 2.0 * np.pi)),
        "latitude_deg": c["041/LAT"],
        "longitude_deg": c["041/LON"],
        "height_m": height,
        "east_mps": first_of(c["202/VX"], speed[0]),
        "north_mps": first_of(c["202/VY"], speed[1]),
        "sigma_position_m": one_axis(c["500/DEVX"], c["500/DEVY"]),
    }
    ignored = [
        (SIMULATED, is_one(c["020/SIM"])),
        (TEST, is_one(c["020/TST"])),
        (FIXED_TRANSPONDER, is_one(c["020/RAB"])),
        (NOT_SEEN, c["170/CST"] > 0.0),
        (ENDED, is_one(c["170/TRE"])),
    ]
    return Targets(
        *(c["010"], c["140"], columns, ignored, datum),
        address=c["220"],
        callsign=c["245/CHR"],
        track=~np.isnan(c["161"]),
        local={"x_m": x, "y_m": y, "height_m": c["091"] * FOOT_M},
    )


def from_015(c: Cells) -> Targets:
    """Category 015: range, azimuth, elevation, Doppler and their sigmas; or a position with its precision."""
    bistatic = np.isnan(c["627/AZ"])  # a range without a direction is that of a path over a transmitter elsewhere
    columns = {
        "range_m": np.where(bistatic, np.nan, c["625/R"]),
        "azimuth_rad": c["627/AZ"] * DEGREE,
        "elevation_rad": c["628/EL"] * DEGREE,
        "range_rate_mps": np.where(bistatic, np.nan, first_of(c["626/DV"], c["625/RR"])),
        "latitude_deg": c["600/P84/LATITUDE"],
        "longitude_deg": c["600/P84/LONGITUDE"],
        "height_m": c["601/GH"],
        "east_mps": c["602/HV/X"],
        "north_mps": c["602/HV/Y"],
        "up_mps": c["604/VV"],
        "sigma_range_m": stated(c["625/SDR"]),
        "sigma_azimuth_rad": stated(c["627/SDASZ"] * DEGREE),
        "sigma_elevation_rad": stated(c["628/SDEL"] * DEGREE),
        "sigma_range_rate_mps": stated(first_of(c["626/SDDV"], c["625/SDRR/SDRR"])),
        "sigma_position_m": one_axis(c["600/HPP/SDHPX"], c["600/HPP/SDHPY"]),
        "sigma_height_m": stated(c["601/SDGH"]),
        "sigma_velocity_mps": one_axis(c["602/SDHV/X"], c["602/SDHV/Y"]),
        "snr_db": c["630/RPS"],
    }
    message = c["000/MT"]
    ignored = [
        (ENDED, (message == TRACK_END) | is_one(c["170/TUR"])),
        (SIMULATED, c["020/TTAX"] >= 2.0),
        (FIXED_TRANSPONDER, is_one(c["020/TTAX"])),
        (NOT_SEEN, is_one(c["170/CSTP"])),
    ]
    datum = np.full(len(message), ELLIPSOID, dtype=np.int8)
    return Targets(c["010"], c["145"], columns, ignored, datum, track=np.isin(message, TRACKS))
