"""The tracker's one knob as people turned it: kept in a file, put into force as a journalled action.

What was turned by hand holds over the next start, until it is turned again or `site.toml` says another value than it
said then.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import structlog

from lowsky.tracking.turning import checked

from .answers.tracking import Tracking

FILE_NAME = "tracking.json"
NAME = "false_tracks_per_hour"
log = structlog.get_logger("lowsky.tracking")


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    turned: float
    configured: float  # by site.toml when it was turned


class Sensitivity:
    """The knob in force."""

    def __init__(self, folder: Path, configured: float) -> None:
        """A file that cannot be read is said, and left alone until the knob is turned."""
        self._path, self.configured, self.value = folder / FILE_NAME, configured, configured
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
            if kept.configured == configured:
                self.value = checked(NAME, kept.turned)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            log.error("the turned setting cannot be read", file=str(self._path), reason=str(error))

    def configure(self, configured: float) -> bool:
        """Take a value of `site.toml`; does it change what is in force?"""
        if configured == self.configured:
            return False
        changed, self.configured, self.value = configured != self.value, configured, configured
        return changed

    def turn(self, value: float) -> None:
        """Take note of the value in force, and keep it over the next start.

        Raises:
            OSError: if it cannot be written.
        """
        self.value = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(_Kept(value, self.configured)))
        os.replace(part, self._path)

    def answer(self) -> Tracking:
        """As people read it."""
        return Tracking(self.value, self.configured)


def as_action(value: float) -> str:
    """The value of the action that puts a rate into force."""
    return json.dumps({NAME: value})
