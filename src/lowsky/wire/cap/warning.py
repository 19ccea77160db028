"""Alerts of a call: first, update, cancel; and of a heartbeat.

A call is all objects that come for one place together; its alerts form a chain in which each names those before it.
The standard says when which word is due: section 3.2.1 for the message, 3.2.2 for what it says, 3.2.4 for where.
Times are whole seconds with an offset; UTC is written -00:00 (section 3.3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.model.place import Place
from lowsky.model.timebase import NS_PER_S

from .alert import Alert, Info, Pair
from .areas import Point, area_of
from .texts import LANGUAGES, LEVEL_WORDS, Language, certainty_of

NOTE_EXERCISE = "EXERCISE EXERCISE EXERCISE"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who warns: the same in all alerts of a site."""

    sender: str  # unique in the world, without space, comma, < and &
    name: str = ""
    contact: str = ""
    web: str = ""
    categories: tuple[str, ...] = ("Safety", "Security")
    offset_min: int = 0  # of local time from UTC, in which times are written


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom alerts are."""

    scope: str = "Public"  # Public, Restricted, Private
    restriction: str = ""  # rule of a Restricted one
    addresses: tuple[str, ...] = ()  # of a Private one
    languages: tuple[str, ...] = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stands: objects that come for one place."""

    number: int
    level: Level
    place: Place
    count: int
    kinds: tuple[tuple[Kind, int], ...] = ()  # the most frequent first
    probability: float = 0.0  # of the likeliest
    arrival_ns: int = NO_TIME_NS  # of the first to come; 5 and 95 percent points
    early_ns: int = NO_TIME_NS
    late_ns: int = NO_TIME_NS
    vessel: Point | None = None  # where a place that is a vessel is now


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message of the chain."""

    identifier: str
    sent_ns: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What makes a call's state a message."""

    identifier: str  # unique with the sender, without space, comma, < and &
    sent_ns: int
    expires_ns: int
    exercise: bool
    references: tuple[Reference, ...] = ()
    note: str = ""


def warning_alert(envelope: Envelope, call: Call, issuer: Issuer, audience: Audience) -> Alert:
    """A call as it stands: Alert without references, with references Cancel for one that is clear, else Update."""
    cleared = call.level is Level.CLEAR
    notes = [NOTE_EXERCISE] if envelope.exercise else []
    return Alert(
        identifier=envelope.identifier,
        sender=issuer.sender,
        sent=time_text(envelope.sent_ns, issuer.offset_min),
        status="Exercise" if envelope.exercise else "Actual",
        msg_type="Alert" if not envelope.references else "Cancel" if cleared else "Update",
        scope=audience.scope,
        restriction=audience.restriction if audience.scope == "Restricted" else "",
        addresses=_grouped(audience.addresses) if audience.scope == "Private" else "",
        note=" ".join([*notes, envelope.note]).strip(),
        references=" ".join(_reference(r, issuer) for r in envelope.references),
        incidents=f"call-{call.number}",
        info=tuple(_info(LANGUAGES[name], envelope, call, issuer) for name in audience.languages),
    )


def heartbeat_alert(envelope: Envelope, health: Sequence[tuple[str, str]], issuer: Issuer, audience: Audience) -> Alert:
    """The message that says that we live until it expires: status System, with `health` as parameters."""
    sent, expires = (time_text(t, issuer.offset_min) for t in (envelope.sent_ns, envelope.expires_ns))
    infos = [
        Info(
            language=LANGUAGES[name].code,
            category=("Other",),
            event="Heartbeat",
            urgency="Unknown",
            severity="Minor",
            certainty="Observed",
            response_type=("None",),
            effective=sent,
            expires=expires,
            sender_name=issuer.name,
            headline=LANGUAGES[name].heartbeat,
            parameter=tuple(Pair(*pair) for pair in health),
        )
        for name in audience.languages
    ]
    return Alert(
        identifier=envelope.identifier,
        sender=issuer.sender,
        sent=sent,
        status="System",
        msg_type="Alert",
        scope=audience.scope,
        restriction=audience.restriction if audience.scope == "Restricted" else "",
        addresses=_grouped(audience.addresses) if audience.scope == "Private" else "",
        info=tuple(infos),
    )


def time_text(time_ns: int, offset_min: int = 0) -> str:
    """A time as the standard writes it, the fraction of the second cut off; UTC as -00:00."""
    text = _local(time_ns, offset_min).isoformat()
    return f"{text[:-6]}-00:00" if offset_min == 0 else text


def _local(time_ns: int, offset_min: int) -> datetime:
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, UTC)
    return moment.astimezone(timezone(timedelta(minutes=offset_min)))


def _reference(earlier: Reference, issuer: Issuer) -> str:
    return f"{issuer.sender},{earlier.identifier},{time_text(earlier.sent_ns, issuer.offset_min)}"


def _grouped(words: Sequence[str]) -> str:
    """Words separated by spaces, those with a space in them in quotes, as the standard wants lists."""
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _info(language: Language, envelope: Envelope, call: Call, issuer: Issuer) -> Info:
    words = LEVEL_WORDS[call.level]
    place = call.place.name.strip() or call.place.id
    arrived = NO_TIME_NS < call.arrival_ns <= envelope.sent_ns
    sent = time_text(envelope.sent_ns, issuer.offset_min)
    return Info(
        language=language.code,
        category=issuer.categories,
        event=language.event,
        response_type=words.responses,
        urgency=words.urgency,
        severity=words.severity,
        certainty=certainty_of(call.level, call.probability, arrived),
        effective=sent,
        onset=time_text(call.arrival_ns, issuer.offset_min) if call.arrival_ns != NO_TIME_NS else "",
        expires=time_text(envelope.expires_ns, issuer.offset_min),
        sender_name=issuer.name,
        headline=(language.exercise if envelope.exercise else "") + language.headlines[call.level].format(place=place),
        description=_description(language, call, place, issuer.offset_min),
        instruction=language.instructions[call.level].format(place=place),
        web=issuer.web,
        contact=issuer.contact,
        parameter=tuple(_parameters(call, issuer.offset_min)),
        area=(area_of(call.place, call.vessel),),
    )


def _description(language: Language, call: Call, place: str, offset_min: int) -> str:
    if call.level is Level.CLEAR:
        return language.cleared.format(place=place)
    kinds = ", ".join(f"{language.kinds[kind]} {count}" for kind, count in call.kinds)
    sentences = [language.objects.format(count=call.count, kinds=kinds or language.kinds[Kind.UNKNOWN])]
    if call.arrival_ns != NO_TIME_NS:
        known = call.early_ns != NO_TIME_NS and call.late_ns != NO_TIME_NS
        clock = {
            name: f"{_local(time_ns, offset_min):%H:%M:%S}"
            for name, time_ns in (("at", call.arrival_ns), ("early", call.early_ns), ("late", call.late_ns))
        }
        offset = "" if offset_min == 0 else time_text(0, offset_min)[-6:]
        template = language.arrival_span if known else language.arrival
        sentences.append(template.format(place=place, offset=offset, **clock))
    sentences.append(language.probability.format(percent=round(100.0 * call.probability)))
    return " ".join(sentences)


def _parameters(call: Call, offset_min: int) -> list[Pair]:
    """What machines read: the level by our word, and figures."""
    times = {"arrivalEarly": call.early_ns, "arrival": call.arrival_ns, "arrivalLate": call.late_ns}
    found = {
        "call": f"{call.number}",
        "level": call.level.word,
        "place": call.place.id,
        "count": f"{call.count}",
        "kinds": " ".join(f"{kind.word}:{count}" for kind, count in call.kinds),
        "probability": f"{call.probability:.2f}",
    } | {name: time_text(time_ns, offset_min) for name, time_ns in times.items() if time_ns != NO_TIME_NS}
    return [Pair(name, value) for name, value in found.items() if value]
