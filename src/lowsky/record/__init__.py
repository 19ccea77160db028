"""The journal: every input of the core in order of consumption; replay, export and query of recordings.

    begin_recording(folder, setup, now_ns) -> Begun      a recorder, new or going on where it ended
    recorder.step(input); recorder.ready(sequence)       journal, step, note; results may leave when it is ready
    open_recording(folder) -> Recording                  to read, also while it is being written
    replay_from(recording, time_ns) -> Replayer          the core at any time, and on from there
    Scrubber(folder).picture_at(time_ns)                 looking back, quickly
    export, query                                        Parquet and SQL (imported from their own modules)

The format, and what it promises: docs/recordings.md.
"""

from .header import Setup
from .journal import Journal
from .limits import Limits, Status
from .reading import Recording, open_recording
from .recorder import Recorder
from .recovery import Begun, Recovered, begin_recording, recover
from .replay import Piece, Replayer, Shown, replay_from
from .scrub import Density, Scene, Scrubber, density

__all__ = [
    "Begun",
    "Density",
    "Journal",
    "Limits",
    "Piece",
    "Recorder",
    "Recording",
    "Recovered",
    "Replayer",
    "Scene",
    "Scrubber",
    "Setup",
    "Shown",
    "Status",
    "begin_recording",
    "density",
    "open_recording",
    "recover",
    "replay_from",
]
