"""Extended squitters of many aircraft to positions with what belongs to them, in columns.

A position is told by two messages of different form that came within 10 s of each other (on the surface 25 s), by
receipt and, where the receiver counts, by its counter; from then on each message tells one by itself, near the last. A
position that cannot be reached from the last one is refused, until four in a row agree with each other. A velocity goes
with the first position after it, once. Heights are geometric where the aircraft tells how far they are from pressure,
else by pressure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lowsky.model.timebase import NS_PER_S

from .cpr import lone_positions, pair_positions
from .fields import Squitters
from .frames import Bools, Floats, Longs
from .memory import NEVER_NS, Memory
from .order import Runs, runs_of, value_at

PAIR_S, SURFACE_PAIR_S = 10.0, 25.0
TICKS_PER_S = 12_000_000
REFERENCE_S = 120.0  # a position is near the last one for so long; at 500 m/s 60 km, of 333 that may be between
REPEATED_S = 0.35  # transmitters wait 0.4 s and more between positions: the same bits sooner are the same message
VELOCITY_S = 2.5  # they tell it twice a second
ABOVE_PRESSURE_S = 120.0  # it changes by a few metres in a minute
SPEED_MPS, SURFACE_SPEED_MPS = 700.0, 150.0
SLACK_M = 2_000.0  # positions are up to two seconds old in the transmitter
REFUSALS = 4
HEIGHTS_AGREE_M = 500.0  # two readings of one field are told apart by a height that is known
EARTH_M = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Positions:
    """n rows, those of the squitters they come from; NaN and False where a row has no position."""

    row: Longs  # of the squitters as they were given
    latitude_deg: Floats
    longitude_deg: Floats
    repeated: Bools
    alone: Bools  # has no other message to tell a place with
    refused: Bools
    height_m: Floats
    geometric: Bools  # what the height counts from: the ellipsoid, else pressure
    east_mps: Floats
    north_mps: Floats
    up_mps: Floats
    nacv: Longs
    nacp: Longs
    gva: Longs
    version: Longs


class Assembly:
    """Positions of one receiver's aircraft."""

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        """The place of the receiver, degrees, tells quadrants of the surface apart; NaN: not known."""
        self.memory = Memory()
        self._place = latitude_deg, longitude_deg

    def positions(self, s: Squitters, me: Longs, keys: Longs, time_ns: Longs, ticks: Longs) -> Positions:
        """One row for each squitter (n), sorted by aircraft; `me` (n,) are their bits, `keys` (n,) their aircraft."""
        slots = self.memory.slots(keys, time_ns)
        order = np.argsort(slots, kind="stable")
        s, runs = s.take(order), runs_of(slots[order])
        me, time_ns, ticks = me[order], time_ns[order], ticks[order]
        repeated = self._repeated(s, me, runs, time_ns)
        told = s.position & ~repeated
        pair = self._pairs(s, told, runs, time_ns, ticks)
        latitude, longitude = self._places(s, told, runs, time_ns, pair)
        found = np.isfinite(latitude)
        refused = self._refused(found, latitude, longitude, s.surface, runs, time_ns)
        good = found & ~refused
        height, geometric = self._heights(s, told, runs, time_ns)
        east, north, up, nacv = self._velocities(s, good, runs, time_ns)
        table = self.memory.table
        nacp, version, gva = (
            value_at(runs.last(column >= 0), column, table[name][runs.slot])
            for name, column in (("nacp", s.nacp), ("version", s.version), ("gva", s.gva))
        )
        self._remember(runs, s, told, good, latitude, longitude, time_ns, ticks, nacp, version, gva)
        return Positions(
            order, latitude, longitude, repeated, told & ~found, refused, height, geometric,
            east, north, up, nacv, nacp, gva, version,
        )  # fmt: skip

    def _repeated(self, s: Squitters, me: Longs, runs: Runs, time_ns: Longs) -> Bools:
        """Positions that came a moment ago: one transmission heard twice."""
        table, before = self.memory.table, runs.before(s.position)
        same = value_at(before, me, table["frame"][runs.slot]) == me
        age_ns = time_ns - value_at(before, time_ns, table["frame_ns"][runs.slot])
        rows, at = _newest(runs, runs.ends(), s.position)
        table["frame"][at], table["frame_ns"][at] = me[rows], time_ns[rows]
        again: Bools = s.position & same & (age_ns < REPEATED_S * NS_PER_S)
        return again

    def _pairs(self, s: Squitters, told: Bools, runs: Runs, time_ns: Longs, ticks: Longs) -> tuple[Floats, Floats]:
        """Latitude and longitude of each position by the last of the other form before it; NaN where there is none."""
        table, at = self.memory.table, (runs.slot, np.where(s.odd, 0, 1))
        partner = np.where(s.odd, runs.last(told & ~s.odd), runs.last(told & s.odd))
        latitude = value_at(partner, s.latitude, table["cpr_latitude"][at])
        longitude = value_at(partner, s.longitude, table["cpr_longitude"][at])
        surface = value_at(partner, s.surface, table["cpr_surface"][at])
        age_ns = np.abs(time_ns - value_at(partner, time_ns, table["cpr_ns"][at]))
        counted = value_at(partner, ticks, table["cpr_ticks"][at])
        limit_s = np.where(s.surface, SURFACE_PAIR_S, PAIR_S)
        fresh = told & (surface == s.surface) & (age_ns <= limit_s * NS_PER_S)
        fresh &= (counted < 0) | (ticks < 0) | (np.abs(ticks - counted) <= limit_s * TICKS_PER_S)
        even = np.where(s.odd, latitude, s.latitude), np.where(s.odd, longitude, s.longitude)
        odd = np.where(s.odd, s.latitude, latitude), np.where(s.odd, s.longitude, longitude)
        place = tuple(np.full(len(s), value) for value in self._place)
        found = pair_positions(even, odd, s.odd, s.surface, (place[0], place[1]))
        return np.where(fresh, found[0], np.nan), np.where(fresh, found[1], np.nan)

    def _places(
        self, s: Squitters, told: Bools, runs: Runs, time_ns: Longs, pair: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats]:
        """Latitude and longitude of each position near the last that a pair told."""
        table, known = self.memory.table, np.isfinite(pair[0])
        last = runs.last(known)
        was_latitude, was_longitude = (table[name][runs.slot] for name in ("pair_latitude_deg", "pair_longitude_deg"))
        near = value_at(last, pair[0], was_latitude), value_at(last, pair[1], was_longitude)
        age_ns = time_ns - value_at(last, time_ns, table["pair_ns"][runs.slot])
        fresh = told & np.isfinite(near[0]) & (np.abs(age_ns) <= REFERENCE_S * NS_PER_S)
        latitude, longitude = lone_positions((s.latitude, s.longitude), s.odd, s.surface, near)
        rows, at = _newest(runs, runs.ends(), known)
        columns = {"pair_latitude_deg": pair[0], "pair_longitude_deg": pair[1], "pair_ns": time_ns}
        for name, column in columns.items():
            table[name][at] = column[rows]
        return np.where(fresh, latitude, np.nan), np.where(fresh, longitude, np.nan)

    def _refused(
        self, found: Bools, latitude: Floats, longitude: Floats, surface: Bools, runs: Runs, time_ns: Longs
    ) -> Bools:
        """Positions too far from the one before. Only aircraft that have such are looked at one by one."""
        table, before, here = self.memory.table, runs.before(found), (latitude, longitude, time_ns)
        there = tuple(
            value_at(before, column, table[name][runs.slot])
            for name, column in zip(("latitude_deg", "longitude_deg", "position_ns"), here, strict=True)
        )
        reachable = _reachable(here, (there[0], there[1], there[2]), surface)
        doubtful = np.unique(runs.slot[found & (~reachable | (table["refused"][runs.slot] > 0))])
        refused = np.zeros(len(found), dtype=np.bool_)
        for slot in doubtful.tolist():
            begin, end = np.searchsorted(runs.slot, [slot, slot + 1])
            rows = begin + np.flatnonzero(found[begin:end])
            refused[rows] = self._judge(slot, latitude[rows], longitude[rows], time_ns[rows], surface[rows])
        return refused

    def _judge(self, slot: int, latitude: Floats, longitude: Floats, time_ns: Longs, surface: Bools) -> Bools:
        """Which positions of one aircraft are refused, in their order."""
        row = self.memory.table[slot]
        believed = float(row["latitude_deg"]), float(row["longitude_deg"]), int(row["position_ns"])
        last = float(row["last_latitude_deg"]), float(row["last_longitude_deg"]), int(row["last_ns"])
        refused, count = np.zeros(len(latitude), dtype=np.bool_), int(row["refused"])
        columns = (latitude.tolist(), longitude.tolist(), time_ns.tolist(), surface.tolist())
        for i, (lat, lon, ns, ground) in enumerate(zip(*columns, strict=True)):
            here = lat, lon, ns
            if not _reachable_one(here, believed, ground):
                count = count + 1 if count and _reachable_one(here, last, ground) else 1
                refused[i] = count < REFUSALS
            if not refused[i]:
                believed, count = here, 0
            last = here
        row["refused"] = count
        row["last_latitude_deg"], row["last_longitude_deg"], row["last_ns"] = last
        return refused

    def _heights(self, s: Squitters, told: Bools, runs: Runs, time_ns: Longs) -> tuple[Floats, Bools]:
        """Height of each position, m, and whether it is geometric."""
        table = self.memory.table
        last = runs.last(np.isfinite(s.above_pressure_m))
        above = value_at(last, s.above_pressure_m, table["above_pressure_m"][runs.slot])
        above_ns = value_at(last, time_ns, table["above_ns"][runs.slot])
        above = np.where(np.abs(time_ns - above_ns) <= ABOVE_PRESSURE_S * NS_PER_S, above, np.nan)
        pressure = value_at(runs.last(np.isfinite(s.pressure_m)), s.pressure_m, table["pressure_m"][runs.slot])
        known = pressure + np.nan_to_num(above)
        as_metres, as_feet = np.abs(s.geometric_m - known), np.abs(s.geometric_feet_m - known)
        own = np.where(as_metres < as_feet, s.geometric_m, s.geometric_feet_m)
        own = np.where(np.fmin(as_metres, as_feet) <= HEIGHTS_AGREE_M, own, np.nan)
        geometric = np.where(np.isnan(own), s.pressure_m + above, own)
        is_geometric = np.isfinite(geometric) & told
        return np.where(told, np.where(is_geometric, geometric, s.pressure_m), np.nan), is_geometric

    def _velocities(
        self, s: Squitters, good: Bools, runs: Runs, time_ns: Longs
    ) -> tuple[Floats, Floats, Floats, Longs]:
        """East, north, up, m/s, and NACv that go with each believed position."""
        table = self.memory.table
        told = (s.type_code == 19) & (np.isfinite(s.east_mps) | np.isfinite(s.up_mps))
        last, before = runs.last(told), runs.before(good)
        unused = np.where(last >= 0, last > before, before < 0)
        age_ns = np.abs(time_ns - value_at(last, time_ns, table["velocity_ns"][runs.slot]))
        fresh = good & unused & (age_ns <= VELOCITY_S * NS_PER_S)
        east, north, up = (
            np.where(fresh, value_at(last, getattr(s, name), table[name][runs.slot]), np.nan)
            for name in ("east_mps", "north_mps", "up_mps")
        )
        own = good & s.surface
        nacv = np.where(fresh & ~own, value_at(last, s.nacv, table["nacv"][runs.slot]), 0)
        ends = runs.ends()
        self._remember_velocity(s, runs, time_ns, ends, last[ends], runs.last(good)[ends])
        return np.where(own, s.east_mps, east), np.where(own, s.north_mps, north), np.where(own, np.nan, up), nacv

    def _remember_velocity(
        self, s: Squitters, runs: Runs, time_ns: Longs, ends: Longs, last: Longs, good: Longs
    ) -> None:
        """The last velocity of each run, unless a position came after it."""
        table = self.memory.table
        given = runs.slot[ends[(good >= 0) & (last <= good)]]
        for name in ("east_mps", "north_mps", "up_mps"):
            table[name][given] = np.nan
        table["velocity_ns"][given] = NEVER_NS
        rows = last[last > good]
        slots = runs.slot[rows]
        for name in ("east_mps", "north_mps", "up_mps", "nacv"):
            table[name][slots] = getattr(s, name)[rows]
        table["velocity_ns"][slots] = time_ns[rows]

    def _remember(
        self, runs: Runs, s: Squitters, told: Bools, good: Bools, latitude: Floats, longitude: Floats,
        time_ns: Longs, ticks: Longs, nacp: Longs, version: Longs, gva: Longs,
    ) -> None:  # fmt: skip
        """The newest of everything, for the next batch."""
        table, ends = self.memory.table, runs.ends()
        slots = runs.slot[ends]
        table["nacp"][slots], table["version"][slots], table["gva"][slots] = nacp[ends], version[ends], gva[ends]
        for form in (0, 1):
            rows, at = _newest(runs, ends, told & (s.odd == bool(form)))
            for name, column in (
                ("cpr_latitude", s.latitude), ("cpr_longitude", s.longitude), ("cpr_ns", time_ns),
                ("cpr_ticks", ticks), ("cpr_surface", s.surface),
            ):  # fmt: skip
                table[name][at, form] = column[rows]
        rows, at = _newest(runs, ends, good)
        for name, column in (("latitude_deg", latitude), ("longitude_deg", longitude), ("position_ns", time_ns)):
            table[name][at] = column[rows]
        rows, at = _newest(runs, ends, np.isfinite(s.pressure_m))
        table["pressure_m"][at] = s.pressure_m[rows]
        rows, at = _newest(runs, ends, np.isfinite(s.above_pressure_m))
        table["above_pressure_m"][at], table["above_ns"][at] = s.above_pressure_m[rows], time_ns[rows]


def _newest(runs: Runs, ends: Longs, told: Bools) -> tuple[Longs, Longs]:
    """The last row of each run at which `told` holds, and its slot; runs without one are left out."""
    rows = runs.last(told)[ends]
    rows = rows[rows >= 0]
    return rows, runs.slot[rows]


def _reachable(here: tuple[Floats, Floats, Longs], there: tuple[Floats, Floats, Longs], surface: Bools) -> Bools:
    """Whether an aircraft may have come from there to here; what is not known, or long ago, forbids nothing."""
    with np.errstate(invalid="ignore"):
        north = np.radians(here[0] - there[0]) * EARTH_M
        turn = np.mod(here[1] - there[1] + 180.0, 360.0) - 180.0
        east = np.radians(turn) * EARTH_M * np.cos(np.radians(here[0]))
        age_s = np.abs(here[2] - there[2]) / NS_PER_S
        limit_m = SLACK_M + np.where(surface, SURFACE_SPEED_MPS, SPEED_MPS) * age_s
        far: Bools = (np.hypot(east, north) > limit_m) & (age_s <= REFERENCE_S)
    return ~far


def _reachable_one(here: tuple[float, float, int], there: tuple[float, float, int], surface: bool) -> bool:
    """As `_reachable`, of one; aircraft without end may be sent to be looked at one by one."""
    age_s = abs(here[2] - there[2]) / NS_PER_S
    if age_s > REFERENCE_S or there[0] != there[0]:
        return True
    north = math.radians(here[0] - there[0]) * EARTH_M
    turn = (here[1] - there[1] + 180.0) % 360.0 - 180.0
    east = math.radians(turn) * EARTH_M * math.cos(math.radians(here[0]))
    return math.hypot(east, north) <= SLACK_M + (SURFACE_SPEED_MPS if surface else SPEED_MPS) * age_s
