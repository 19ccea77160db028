"""What the configuration of an output of kind "cot" may say, and its checks."""

from __future__ import annotations

from typing import Literal

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.kinds import Kind, kind_from_word
from lowsky.model.notice import Level
from lowsky.wire.cap import LANGUAGES
from lowsky.wire.cot.objects import ALLOWED_TYPE
from lowsky.wire.cot.warnings import ALERTS

from ..contract import OutputOptions, Setting
from ..periods import checked_period

REST_S = (5.0, 3600.0)
STALE_S = (5.0, 3600.0)


class CotOutput(OutputOptions, frozen=True):
    """[[outputs]] kind = "cot"."""

    period_s: float = 1.0  # between two tellings of an object
    stale_s: float = 30.0  # after its last report, how long an object is to be believed
    rest_s: float = 60.0  # between two tellings of what stands still
    protocol: Literal["auto", "xml", "protobuf"] = "auto"  # auto: XML; on a stream protobuf once both ends agree
    objects: bool = True
    bearings: bool = True
    sensors: bool = True
    places: bool = True
    warnings: Literal["none", "watch", "warning", "imminent"] = "warning"  # from which level on
    alert_type: str = "b-a-o-tbl"
    chat: bool = False  # tell warnings as messages to everybody too
    language: str = "en"  # of warnings
    types: dict[str, str] = msgspec.field(default_factory=dict)  # of kinds, instead of our own
    friends: bool = False  # of a server: clients may tell where they are


def checked(options: CotOutput, setting: Setting) -> dict[Kind, str]:
    """The types of kinds that an output says otherwise.

    Raises:
        InputError: naming field and value.
    """
    here, scheme = setting.here, setting.link.address.scheme
    checked_period(options.period_s, here)
    for name, value, (low, high) in (("stale_s", options.stale_s, STALE_S), ("rest_s", options.rest_s, REST_S)):
        if not low <= value <= high:
            raise InputError(f"{here}.{name}: {value:g} is not between {low:g} and {high:g}")
    if options.protocol == "protobuf" and scheme != "udp":
        raise InputError(f"{here}.protocol: a stream begins as xml; say auto for protobuf")
    if options.friends and scheme not in ("tcp-listen", "tls-listen"):
        raise InputError(f"{here}.friends: only clients that call tell where they are; else use [[sources]]")
    for name, word, words in (("alert_type", options.alert_type, ALERTS), ("language", options.language, LANGUAGES)):
        if word not in words:
            raise InputError(f"{here}.{name}: {word!r} is not one of {', '.join(words)}")
    return {_kind(word, here): _type(kind, word, here) for word, kind in options.types.items()}


def _kind(word: str, here: str) -> Kind:
    try:
        return kind_from_word(word)
    except ValueError as error:
        raise InputError(f"{here}.types: {error}") from None


def _type(word: str, kind: str, here: str) -> str:
    if not ALLOWED_TYPE.fullmatch(word):
        raise InputError(f"{here}.types.{kind}: {word!r} is no type of an unknown (a-u-) or neutral (a-n-) thing")
    return word


def least_level(options: CotOutput) -> Level | None:
    """From which level on warnings are told; None: none are."""
    return None if options.warnings == "none" else Level[options.warnings.upper()]
