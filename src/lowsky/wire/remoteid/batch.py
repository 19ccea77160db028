"""Messages gathered, and on columns: what can be used of them, and the values of the kinds that tell places."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..names import SensorNames
from ..plausible import MAX_REACHES, Reach
from ..problems import RowCheck
from .checks import check_messages
from .codes import MessageType
from .heard import Heard
from .layout import Bools, Records, records_of, types_of
from .reports import Longs
from .values import Locations, Systems, locations_of, systems_of


@dataclass(slots=True)
class Gathered:
    """Messages as they came, with what was known of each."""

    messages: list[bytes] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    heard_ns: list[int] = field(default_factory=list)
    received_ns: list[int] = field(default_factory=list)
    number: list[int] = field(default_factory=list)  # of the item, for sentences

    def __len__(self) -> int:
        return len(self.messages)

    def add(self, messages: list[bytes], heard: Heard, received_ns: int, number: int) -> None:
        """Messages of one broadcast."""
        n = len(messages)
        self.messages += messages
        self.heard += [heard] * n
        self.heard_ns += [heard.time_ns or received_ns] * n
        self.received_ns += [received_ns] * n
        self.number += [number] * n


@dataclass(slots=True)
class Batch:
    """The messages of one call, on columns."""

    gathered: Gathered
    index: Longs  # of the receiver in the site
    records: Records
    types: list[int]
    at: list[int]  # row of each message among those of its type
    locations: Locations
    systems: Systems
    rows: list[int] = field(default_factory=list)  # locations that become drafts
    identity: list[str | None] = field(default_factory=list)
    takeoff: list[tuple[float, bool]] = field(default_factory=list)


def batch_of(gathered: Gathered, names: SensorNames, source: str, reach: Reach, check: RowCheck) -> Batch:
    """Columns of all messages; those that cannot be used are rejected in `check`."""
    senders = [heard.receiver or source for heard in gathered.heard]
    index = names.find(senders)
    check.reject(index < 0, "sensor", senders, "is no sensor of this site")
    records = records_of(b"".join(gathered.messages))
    check_messages(records, check)
    types = types_of(records)
    at = np.zeros(len(types), dtype=np.int64)
    for type_ in MessageType:
        rows = np.flatnonzero(types == type_)
        at[rows] = np.arange(len(rows))
    is_system = types == MessageType.SYSTEM
    systems = systems_of(records[is_system])
    _check_reach(systems, is_system, index, reach, check)
    locations = locations_of(records[types == MessageType.LOCATION])
    return Batch(gathered, index, records, types.tolist(), at.tolist(), locations, systems)


def _check_reach(systems: Systems, is_system: Bools, index: Longs, reach: Reach, check: RowCheck) -> None:
    """Reject places of operators much farther away than their receiver hears."""
    usable = check.good[is_system]
    latitude, longitude = (np.where(usable, c, np.nan) for c in (systems.latitude_deg, systems.longitude_deg))
    rows = np.flatnonzero(is_system)
    far = np.flatnonzero(reach.beyond(index[is_system], latitude, longitude))
    bad = np.zeros(len(is_system), dtype=np.bool_)
    bad[rows[far]] = True
    said = {int(rows[i]): f"{latitude[i]:.6f} {longitude[i]:.6f}" for i in far.tolist()}
    check.reject(bad, "operator lat, lon", said, f"is over {MAX_REACHES:.0f} times max_range_m from the sensor")
