"""Warnings to alerts: one a call, that is for all objects that come for one place together.

An alert stands at the place that people must be warned at, not at what comes; `ce` is the place's radius where it is a
circle (base schema: an area round the point). It is told again while it stands, becomes stale soon after the last time,
and is cancelled when it is over. The words are those of the alerts that go out by the Common Alerting Protocol.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.model.place import Shape

from ..cap import Audience, Call, Envelope, Issuer, warning_alert
from ..cap.alert import Info
from .event import Event
from .protobuf import CHAT_UID
from .shapes import drawing
from .times import text_from_ns
from .tree import Element
from .voice import Point, Voice, own

ALERTS: dict[str, str] = {
    "b-a-o-tbl": "911 Alert",
    "b-a-o-pan": "Ring The Bell",
    "b-a-g": "Geo-fence Breached",
}
"""Types of alerts that clients raise, with the word that they show."""
CANCEL = "b-a-o-can"
CHAT = "b-t-f"
EVERYBODY = "All Chat Rooms"
MAX_LINKS = 10  # objects that an alert names


def alert_event(
    call: Call, objects: Sequence[int], voice: Voice, now_ns: int, stale_ns: int, kind: str, language: str = "en"
) -> Event | None:
    """The alert of a call as it stands, its cancellation if it is clear; None for a vessel that is nowhere.

    Args:
        call: with its place.
        objects: public numbers of those that come, the most urgent first.
        voice: who warns.
        now_ns, stale_ns: when it is told, and until when it is to be believed.
        kind: one of `ALERTS`.
        language: "en" or "ko".
    """
    if call.place.shape is Shape.VESSEL and call.vessel is None:
        return None
    words, over = _words(call, voice, now_ns, stale_ns, language), call.level is Level.CLEAR
    _, at, _ = drawing(call.place, call.vessel)
    round_ = call.place.shape in (Shape.POINT, Shape.VESSEL)
    emergency = {"type": ALERTS[kind]} | ({"cancel": "true"} if over else {})
    links = [
        Element("link", {"uid": voice.uid_of("track", number), "type": "a-u-A", "relation": "p-p"})
        for number in objects[:MAX_LINKS]
    ]
    return voice.event(
        voice.uid_of("warning", call.number),
        CANCEL if over else kind,
        now_ns,
        stale_ns,
        Point(*at, ce_m=call.place.radius_m if round_ else math.nan),
        words.headline,
        f"{words.description} {words.instruction}".strip(),
        (Element("emergency", emergency, words.headline), *links, _ours(call, voice)),
    )


def chat_event(call: Call, voice: Voice, now_ns: int, stale_ns: int, language: str = "en") -> Event | None:
    """The same as a message to everybody; None for a vessel that is nowhere."""
    if call.place.shape is Shape.VESSEL and call.vessel is None:
        return None
    words = _words(call, voice, now_ns, stale_ns, language)
    _, at, _ = drawing(call.place, call.vessel)
    group = Element("chatgrp", {"uid0": voice.uid, "uid1": EVERYBODY, "id": EVERYBODY})
    room = {"id": EVERYBODY, "chatroom": EVERYBODY, "senderCallsign": voice.name, "parent": "RootContactGroup"}
    # the sender stands between the first two dots of the uid, so that it may hold none
    name = f"{CHAT_UID}{voice.uid.replace('.', '-')}.{EVERYBODY}.{call.number}-{now_ns // 1_000_000}"
    event = voice.event(
        name,
        CHAT,
        now_ns,
        stale_ns,
        Point(*at),
        voice.name,
        f"{words.headline}. {words.description}",
        (Element("__chat", room | {"groupOwner": "false"}, "", (group,)),
         Element("link", {"uid": voice.uid, "type": "a-f-G-I", "relation": "p-p"})),
        "h-g-i-g-o",
    )  # fmt: skip
    return event


def _words(call: Call, voice: Voice, now_ns: int, stale_ns: int, language: str) -> Info:
    envelope = Envelope(f"call-{call.number}", now_ns, stale_ns, exercise=False)  # the voice says that it is one
    return warning_alert(envelope, call, Issuer(voice.uid), Audience(languages=(language,))).info[0]


def _ours(call: Call, voice: Voice) -> Element:
    times = {"arrival": call.arrival_ns, "arrival_early": call.early_ns, "arrival_late": call.late_ns}
    return own(
        call=call.number,
        level=call.level.word,
        place=call.place.id,
        objects=call.count,
        probability=f"{call.probability:.2f}",
        drill="true" if voice.drill else None,
        **{name: text_from_ns(time_ns) for name, time_ns in times.items() if time_ns != NO_TIME_NS},
    )
