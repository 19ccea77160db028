"""What of the picture a SAPIENT listener is told, in which order; and notices with where their objects are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.model.picture import Status
from lowsky.wire.sapient.session.alerts import Warned
from lowsky.wire.sapient.session.tasks import Wishes
from lowsky.wire.sapient.telling import Teller

from ...answers.notices import Notice
from ...answers.words import LEVELS


def chosen(air: Air, wishes: Wishes) -> Air:
    """The objects that are sure enough for who listens, and those that ended; of a kind only if that is sure enough."""
    wanted = (air.existence >= wishes.least_existence) | (air.status == Status.ENDED)
    air = air if wanted.all() else air.take(wanted)
    unsure = air.kind_probability < wishes.least_class
    return replace(air, kind=np.where(unsure, np.uint8(Kind.UNKNOWN), air.kind)) if unsure.any() else air


def urgency(air: Air, after: int) -> NDArray[np.int64]:
    """Row numbers in the order of sending: what ended (it is told once only), what comes near a place, then the rest.

    The rest begins with the object of the number after `after`, where the last picture was cut off for want of time:
    so a slow receiver gets every object in turn, and not the same ones always.
    """
    last = np.where(air.number > after, 0, 1)
    return np.lexsort((air.number, last, -air.level.astype(np.int64), air.status != Status.ENDED))


def warned(notice: Notice, air: Air | None, teller: Teller) -> Warned:
    """A notice with where its object was in the newest picture told."""
    row = -1 if air is None else int(np.searchsorted(air.number, notice.track))
    place: dict[str, float | str] = {}
    if air is not None and 0 <= row < len(air) and air.number[row] == notice.track:
        place = {
            "object_id": teller.object_id(notice.track, int(air.first_report_ns[row])),
            "latitude_deg": float(air.latitude_deg[row]),
            "longitude_deg": float(air.longitude_deg[row]),
            "height_m": float(air.height_m[row]),
        }
    return Warned(
        notice=notice.notice,
        track=notice.track,
        level=Level.CLEAR if notice.ended_ms is not None else Level(LEVELS.index(notice.level)),
        place_name=notice.place_name,
        probability=notice.probability,
        raised_ns=round(notice.raised_ms * 1e6),
        arrival_ns=NO_TIME_NS if notice.arrival_ms is None else round(notice.arrival_ms * 1e6),
        acknowledged=notice.acknowledged is not None,
        **place,  # type: ignore[arg-type]
    )
