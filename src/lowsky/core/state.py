"""The core's state and its input.

The state is plain arrays (`tracking.memory`), the table of identities and what was done by hand; the step owns it and
updates it in place, and who needs an old state saves it first. An input is what was received and done in a stretch of
time, and the ticks at which the picture is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..assess import AssessState, Rules, new_assessment
from ..kernels.layout import World
from ..model.action import Action
from ..model.geodesy import Frame
from ..model.picture import Picture
from ..model.place import Place
from ..model.report import LookBatch, ReportBatch
from ..model.roster import changed_roster, roster_from_text, roster_text
from ..model.sensor import Site
from ..sensing import keep_horizon, sensor_table
from ..tracking.history import History, begin_history
from ..tracking.memory import new_world, with_sensors
from ..tracking.settings import Settings, rules_of
from ..tracking.turning import turned, turned_text
from .by_hand import ByHand
from .identities import Identities
from .registered import Registration


@dataclass(frozen=True, slots=True)
class CoreInput:
    """Reports, looks, actions and ticks, each in order of receipt; consumed merged by receipt (on ties in this order).

    A later input must not hold anything received before what an earlier one held.
    """

    reports: ReportBatch
    looks: LookBatch
    ticks_ns: NDArray[np.int64]
    actions: tuple[Action, ...] = ()


@dataclass(slots=True)
class CoreState:
    """Everything the core knows. Changed in place by `step`."""

    site: Site
    settings: Settings
    frame: Frame
    world: World
    history: History
    identities: Identities
    assessment: AssessState
    by_hand: ByHand = field(default_factory=ByHand)
    settling: bool = False  # write settled pictures
    threads: int = 1  # that may work at once: what comes out does not depend on it, and it is not saved
    settled: list[Picture] = field(default_factory=list)  # those of the step at hand
    described: str = ""  # the sensors as an action described them anew (model.roster); "": they are those of the start
    registration: Registration | None = None  # as last told, so that it is not copied at each step
    turned: str = ""  # settings as an action turned them (tracking.turning); "": they are those of the start

    def set_sensors(self, text: str) -> None:
        """Put a new description of the sensors into force; one that cannot be is counted and changes nothing.

        Every row keeps what was learnt of it, and its horizon where the description leaves that as it was.
        """
        try:
            sensors = changed_roster(self.site.sensors, roster_from_text(text))
        except ValueError:
            self.by_hand.refused += 1
            return
        before, old = self.world.sensors, self.site.sensors
        self.site = Site(sensors, self.site.origin)
        described = sensor_table(self.site)
        for row, (was, now) in enumerate(zip(old, sensors, strict=False)):
            if was.horizon == now.horizon:
                keep_horizon(described[row], before[row])
        world, self.world = self.world, with_sensors(self.world, described)
        self.history.with_sensors(world, self.world)
        self.identities.vouched_by(sensors)
        self.described = roster_text(sensors)

    def turn(self, text: str) -> None:
        """Turn settings of the tracker; a text that cannot be used is counted and changes nothing."""
        try:
            self.settings = turned(self.settings, text)
        except ValueError:
            self.by_hand.refused += 1
            return
        self.world = self.world._replace(rules=rules_of(self.settings, self.site.origin.height_m))
        self.turned = turned_text(self.settings)
        self.history.work_again(self.world)


def new_state(
    site: Site, settings: Settings | None = None, places: tuple[Place, ...] = (), rules: Rules | None = None
) -> CoreState:
    """The state before anything was received. Without places nothing is assessed."""
    settings, frame = settings or Settings(), Frame(site.origin)
    world = new_world(rules_of(settings, site.origin.height_m), sensor_table(site), settings.trace)
    assessment = new_assessment(places, rules or Rules(), frame)
    return CoreState(site, settings, frame, world, begin_history(world), Identities(site.sensors), assessment)
