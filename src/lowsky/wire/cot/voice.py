"""What all events of one site have in common: uids, who speaks, and that an exercise is one.

A uid is `lowsky.<site>.<what>.<name>`: the same thing has the same uid for life, and no other thing ever has it. In an
exercise every event says so in each way that the format has: `opex` "e-<site>" (base schema: exercise), `how` "m-s"
(machine, simulated), the callsign and the remarks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .dialogue import control_event
from .event import Event
from .tree import Element

FUSED, SIMULATED = "m-f", "m-s"
TITLE = "lowsky"  # also the element that holds what others have no element for
EXERCISE = "EXERCISE "
NOT_DONE_NS = 60_000_000_000  # how long a deletion is worth telling


def uid_of_site(site: str) -> str:
    """The uid of a site, with which those of everything it tells begin."""
    return f"{TITLE}.{site}"


@dataclass(frozen=True, slots=True)
class Voice:
    """One site."""

    site: str  # its id
    name: str  # for people
    drill: bool = False

    @property
    def uid(self) -> str:
        """Of the site itself."""
        return uid_of_site(self.site)

    def uid_of(self, what: str, name: str | int) -> str:
        """Of something of the site: what "track", "sensor", "bearing", "place", "warning"."""
        return f"{self.uid}.{what}.{name}"

    def event(
        self,
        uid: str,
        kind: str,
        time_ns: int,
        stale_ns: int,
        point: Point,
        callsign: str,
        remarks: str,
        detail: Iterable[Element] = (),
        how: str = FUSED,
    ) -> Event:
        """An event of ours; `detail` stands between the callsign and the remarks."""
        mark = EXERCISE if self.drill else ""
        return Event(
            uid=uid,
            type=kind,
            time_ns=time_ns,
            start_ns=time_ns,
            stale_ns=stale_ns,
            how=SIMULATED if self.drill else how,
            latitude_deg=round(point.latitude_deg, 7),
            longitude_deg=round(point.longitude_deg, 7),
            hae_m=round(point.hae_m, 1),
            ce_m=_error(point.ce_m),
            le_m=_error(point.le_m),
            detail=(
                Element("contact", {"callsign": mark + callsign}),
                *detail,
                Element("remarks", {"source": self.uid}, mark + remarks),
            ),
            opex=f"e-{self.site}" if self.drill else "",
        )

    def deletion(self, uid: str, kind: str, time_ns: int) -> Event:
        """That something of ours is no more; `kind` is the type that it had."""
        link = Element("link", {"uid": uid, "relation": "none", "type": kind})
        return control_event("t-x-d-d", f"{uid}.end", time_ns, (link, Element("__forcedelete")))

    def itself(self, time_ns: int, stale_ns: int, point: Point, version: str) -> Event:
        """The announcement that routers want before anything else: who is here, with what program."""
        program = Element("takv", {"device": "server", "platform": TITLE, "os": "any", "version": version})
        group = Element("__group", {"name": "Cyan", "role": "HQ"})
        remarks = f"{self.name}: low-altitude air picture"
        # the endpoint says: reach me over this stream
        contact = Element("contact", {"callsign": self.name, "endpoint": "*:-1:stcp"})
        event = self.event(self.uid, "a-f-G-I", time_ns, stale_ns, point, self.name, remarks, (program, group), "m-c")
        return Event(**{n: getattr(event, n) for n in Event.__slots__} | {"detail": (contact, *event.detail[1:])})


def _error(metres: float) -> float:
    """An error to a decimetre; less would be read as none known."""
    return metres if math.isnan(metres) else max(round(metres, 1), 0.1)


@dataclass(frozen=True, slots=True)
class Point:
    """A place with its error, NaN: not known."""

    latitude_deg: float
    longitude_deg: float
    hae_m: float = math.nan
    ce_m: float = math.nan
    le_m: float = math.nan


def own(**values: str | int | float | None) -> Element:
    """What machines may read of us: named values; those that are None are left out."""
    return Element(f"__{TITLE}", {name: str(value) for name, value in values.items() if value is not None})
