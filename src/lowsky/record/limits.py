"""Limits of a recording, each declared once, and the state it is in."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB, DAY_S = 1 << 20, 1 << 30, 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a recording on disk and in memory. Times s."""

    segment_bytes: int = 256 * MIB  # a segment ends at the first checkpoint beyond this size ...
    segment_s: float = 3600.0  # ... or this age, in time of the recording
    keep_bytes: int = 64 * GIB  # oldest segments beyond it are removed
    keep_s: float = 30 * DAY_S  # and those whose last input is older
    sync_s: float = 0.5  # what is written is on the disk after it and the disk's own time: within a second
    hold_s: float = 0.004  # longest wait of who appends; beyond it the input is given up and counted
    queue_bytes: int = 64 * MIB  # of what waits to be written, about
    retry_s: float = 1.0  # between attempts after a failure
    checkpoint_s: float = 30.0  # between checkpoints, in time of the recording
    replay_s: float = 0.5  # estimated work since a checkpoint at which the next is made
    pulse_s: float = 1.0  # between hashes of the picture
    sample_s: float = 10.0  # between samples of it
    numbers: int = 1000  # public numbers reserved at a time
    events_s: float = 600.0  # how long what happened to an ended notice is kept in checkpoints
    events: int = 20_000  # and how many of them at most


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a recording, for people and metrics."""

    state: str  # "well", "failing" (what comes is lost and counted) or "closed"
    reason: str  # why it fails, else why it failed last
    written: int  # running number of the last frame in the file
    synced: int  # and on the disk
    waiting_bytes: int  # in the queue, about
    held: int  # how often an append had to wait for room
    lost_inputs: int
    lost_reports: int
    failures: int  # of the disk
    segments: int  # begun by this process
    retired: int  # removed by it
    bytes: int  # written by it
    longest_sync_s: float
