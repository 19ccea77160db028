"""Events to what lowsky makes of them: friends, reports of a configured sensor, places; the rest is counted.

    a-f-*             where somebody of one's own is: a friend, never a report
    a-*-A-*, a-*-S-*  in the air or on water, not a friend: a report, if a sensor is configured for it
    u-d-*, b-m-p-s-*  drawn areas and marks: places, if that is wanted
    t-x-d-d           takes back a friend or a place that came this way
    t-x-*, b-t-f      about the stream, talk: ignored

An error `ce` or `le` is one sigma and becomes the sigma of one horizontal axis and of the height. A clock that is wrong
shows here too: an event from more than a minute ahead or a day ago is refused, one that is stale when it comes is
ignored. Not thread-safe.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lowsky.model.people import FriendPlace
from lowsky.model.place import Place
from lowsky.model.timebase import NS_PER_S

from ..decoded import Context, Decoded
from ..names import SensorNames
from ..plausible import MAX_AHEAD_S, MAX_DELAY_S
from ..tally import Tally
from . import protobuf, xml
from .dialogue import CONTROL
from .event import Event, NotEventError
from .framing import Form, Piece, Splitter, split_datagram
from .shapes import MAX_PLACE_UID, SHAPES, place_from
from .times import text_from_ns
from .tracks import Tracks

MAX_PENDING = 50_000  # events gathered and not taken
MAX_KNOWN = 5_000  # friends, and as many places, that can be taken back
MAX_PLACES = 200  # that one source may draw
MAX_CONTROL = 100  # events about the stream, not taken
MAX_CALLSIGN = 100  # characters
MAX_DELETED = 100  # things that one event takes back
DELETION = "t-x-d-d"
FRIEND = "a-f-"
CHAT = "b-t-f"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of events."""

    friends: bool = True
    places: bool = False
    mark_radius_m: float = 250.0
    own: str = ""  # begins every uid of ours: what comes back to us is not news


class Decoder:
    """Reads the events of one sender for a site."""

    def __init__(self, context: Context, names: SensorNames, datagrams: bool, wanted: Wanted) -> None:
        self.names = names
        self._wanted, self._prefix = wanted, f"{context.source}/"
        self._datagrams = datagrams
        self._splitter = Splitter()
        self._tally = Tally(context.source)
        self._tracks = Tracks(context, names)
        self._number = 0  # of the event, for messages
        self._pending = 0
        self._used = 0
        self._friends: list[FriendPlace] = []
        self._places: list[Place] = []
        self._gone: list[str] = []
        self._control: list[Event] = []
        self._known: dict[str, FriendPlace] = {}
        self._drawn: dict[str, Place] = {}

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather what `data`, received at `received_ns` (UTC), completes: any piece of a stream, or one datagram."""
        for piece in split_datagram(data) if self._datagrams else self._splitter.push(data):
            self._piece(piece, received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        for piece in self._splitter.close():
            self._piece(piece, received_ns)

    def take(self) -> Decoded:
        """What was gathered since the last time."""
        reports, wrong = self._tracks.take()
        ignored, problems = self._tally.take(wrong)
        taken = Decoded(
            reports=reports,
            problems=problems,
            used=self._used + len(reports),
            ignored=ignored,
            friends=tuple(self._friends),
            places=tuple(self._places),
            gone=tuple(self._gone),
        )
        self._pending = self._used = 0
        self._friends, self._places, self._gone = [], [], []
        return taken

    def take_control(self) -> list[Event]:
        """Events about the stream since the last time, the newest `MAX_CONTROL`."""
        control, self._control = self._control, []
        return control

    def _piece(self, piece: Piece, received_ns: int) -> None:
        self._number += 1
        self._pending += 1
        try:
            if piece.form is Form.FAULT:
                raise NotEventError(piece.data.decode(), "came")
            if self._pending > MAX_PENDING:
                raise NotEventError("event", f"came after {MAX_PENDING} not yet taken")
            event = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
            if event is None:
                self._tally.ignore("protocol")
            else:
                self._event(event, received_ns)
        except NotEventError as error:
            self._tally.reject(error.kind, f"event {self._number}, {error.words}")

    def _event(self, event: Event, received_ns: int) -> None:
        wanted, kind = self._wanted, event.type
        if kind in CONTROL:  # answers bear the uid that we gave the question
            self._control = [*self._control[1 - MAX_CONTROL :], event]
            self._tally.ignore("ping" if kind.startswith("t-x-c-t") else "protocol")
        elif wanted.own and event.uid.startswith(wanted.own):
            self._tally.ignore("our own")
        elif kind == DELETION:
            self._delete(event, received_ns)
        elif kind.startswith(CHAT):
            self._tally.ignore("chat")
        elif kind.startswith(FRIEND) and wanted.friends:
            self._friend(event, received_ns)
        elif self._tracks.wants(event):
            self._tracks.add(event, received_ns, self._number)
        elif kind in SHAPES and wanted.places:
            self._draw(event, received_ns)
        else:
            self._tally.ignore("drawing" if kind in SHAPES else "track" if kind.startswith("a-") else "other type")

    def _friend(self, event: Event, received_ns: int) -> None:
        _check_clock(event, received_ns)
        if not event.has_place:
            self._tally.ignore("no position")
        elif event.stale_ns < received_ns:
            self._tally.ignore("stale")
        else:
            self._tell(
                FriendPlace(
                    uid=event.uid,
                    callsign=event.callsign[:MAX_CALLSIGN],
                    type=event.type,
                    latitude_deg=event.latitude_deg,
                    longitude_deg=event.longitude_deg,
                    height_m=event.hae_m,
                    sigma_position_m=event.ce_m,
                    time_ns=event.time_ns,
                    stale_ns=event.stale_ns,
                    received_ns=received_ns,
                )
            )

    def _tell(self, friend: FriendPlace) -> None:
        self._friends.append(friend)
        self._used += 1
        self._known.pop(friend.uid, None)
        self._known[friend.uid] = friend
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _draw(self, event: Event, received_ns: int) -> None:
        _check_clock(event, received_ns)
        place = place_from(event, self._prefix, self._wanted.mark_radius_m)
        if self._drawn.get(event.uid) == place:
            self._tally.ignore("drawing as before")
            return
        if event.uid not in self._drawn and len(self._drawn) >= MAX_PLACES:
            raise NotEventError("drawing", f"came after {MAX_PLACES} others")
        self._drawn[event.uid] = place
        self._places.append(place)
        self._used += 1

    def _delete(self, event: Event, received_ns: int) -> None:
        uids = dict.fromkeys(e.get("uid") for e in event.detail if e.name == "link" and e.get("uid"))
        used = False
        for uid in list(uids)[:MAX_DELETED]:
            friend = self._known.pop(uid, None)
            if friend is not None:
                self._friends.append(replace(friend, stale_ns=friend.time_ns, received_ns=received_ns))
            elif self._wanted.places and len(uid) <= MAX_PLACE_UID:
                # what was drawn over an earlier connection is not known here
                self._drawn.pop(uid, None)
                self._places = [place for place in self._places if place.id != self._prefix + uid]
                self._gone.append(self._prefix + uid)
            else:
                continue
            used = True
        if used:
            self._used += 1
        else:
            self._tally.ignore("deletion of what is not here")


def _check_clock(event: Event, received_ns: int) -> None:
    if event.time_ns > received_ns + int(MAX_AHEAD_S * NS_PER_S):
        raise NotEventError("time", f"is over {MAX_AHEAD_S:.0f} s after the receipt", text_from_ns(event.time_ns))
    if event.time_ns < received_ns - int(MAX_DELAY_S * NS_PER_S):
        raise NotEventError("time", "is over a day before the receipt", text_from_ns(event.time_ns))
