"""The core's thread: drains the inbox, journals, steps, and hands the results to the event loop.

Turns: one each tick (200 ms of the server's clock, whole multiples in UTC), and between them, only while somebody
watches and reports come, one a `TURN_NS` at most, with a glance at the end. Without input there is nothing but the
ticks, made a second's worth at a time where there is nothing to see either. Results leave only when the journal has
written their input; a journal that fails is said loudly and does not stop the picture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import structlog
from numpy.typing import NDArray

from ..clock import Clock
from .inbox import Drained, Inbox
from .machine import Machine
from .output import Output

TICK_NS = 200_000_000
TURN_NS = 30_000_000  # 33 Hz
IDLE_TICKS = 5  # made together while there is no input, object or notice; how input is cut changes no result
MAX_TICKS = 25  # made up for at once after a pause (a suspended machine); earlier ones are skipped and counted

log = structlog.get_logger("lowsky.core")


class CoreThread:
    """Runs a machine in a thread of its own."""

    def __init__(
        self,
        clock: Clock,
        inbox: Inbox,
        prepare: Callable[[], Machine],
        publish: Callable[[Output], None],
    ) -> None:
        """`prepare` makes the machine (compiles, recovers) and runs in the thread; `publish` is called there too."""
        self.watched = False  # whether glances are wanted
        self.ready = threading.Event()
        self.failed: BaseException | None = None
        self.turn_ended_s = time.monotonic()  # for the watch over stalls
        self.skipped_ticks = 0
        self.machine: Machine | None = None
        self._clock, self._inbox, self._prepare, self._publish = clock, inbox, prepare, publish
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._last_tick_ns = 0
        self._last_turn_ns = 0

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Consume what waits, close the journal, end. False: it did not end in time."""
        self._stopping = True
        self._inbox.wake.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            machine = self.machine = self._prepare()
            self._last_tick_ns = machine.last_tick_ns = (self._clock.now_ns() - 1) // TICK_NS * TICK_NS
            self.ready.set()
            while not self._stopping:
                self._wait(machine)
                self._turn(machine)
            self._turn(machine)
            machine.core.close()
        except Exception as error:
            self.failed = error
            log.exception("the core has failed")
        finally:
            self.ready.set()

    def _wait(self, machine: Machine) -> None:
        """Until the next tick is due, or earlier if there is something to show to somebody."""
        while not self._stopping:
            now_ns = self._clock.now_ns()
            waiting = self._inbox.wake.is_set()
            due_ns = self._last_tick_ns + TICK_NS * (IDLE_TICKS if machine.idle and not waiting else 1)
            if self.watched and waiting:
                due_ns = min(due_ns, self._last_turn_ns + TURN_NS)
            rest_s = self._clock.real_s(due_ns - now_ns)
            if rest_s <= 0.0:
                return
            if waiting or not (self.watched or machine.idle):
                time.sleep(rest_s)
            else:
                self._inbox.wake.wait(rest_s)

    def _turn(self, machine: Machine) -> None:
        drained = self._inbox.drain()
        self._last_turn_ns = drained.upto_ns
        ticks_ns = self._due_ticks(drained)
        output = machine.turn(drained, ticks_ns, self.watched)
        self.turn_ended_s = time.monotonic()
        if output is not None:
            self._publish(output)

    def _due_ticks(self, drained: Drained) -> NDArray[np.int64]:
        last = drained.upto_ns // TICK_NS * TICK_NS
        first = self._last_tick_ns + TICK_NS
        if (last - first) // TICK_NS >= MAX_TICKS:
            start = last - (MAX_TICKS - 1) * TICK_NS
            self.skipped_ticks += (start - first) // TICK_NS
            first = start
        ticks = np.arange(first, last + 1, TICK_NS, dtype=np.int64)
        if len(ticks):
            self._last_tick_ns = int(ticks[-1])
        return ticks
