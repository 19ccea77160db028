"""Routes about objects: the picture now, one object with its provenance, trails, the kind set by hand."""

from __future__ import annotations

import msgspec
import numpy as np
from starlette.requests import Request

from lowsky.model.action import ActionKind

from ..answers.objects import History, KindGiven, ObjectDetails, ObjectList, Trail
from ..answers.result import Done
from ..engine.kinds import kind_chances
from ..engine.object_info import object_info
from ..errors import ApiError
from ..route import Query, query_of
from .request import runtime_of, who_asks

TRAILS_QUERY = (Query("minutes", float, "how far back, at most 10", 3.0),)
MAX_TRAIL_MINUTES = 10.0


class TrailList(msgspec.Struct, frozen=True):
    """The ways of all objects that are shown now."""

    trails: tuple[Trail, ...]


async def list_objects(request: Request, given: None) -> ObjectList:
    """Everything shown now."""
    board = runtime_of(request).board
    rows = range(len(board.table["number"]))
    return ObjectList(board.picture_ms, tuple(object_info(board.table, i, board.identities) for i in rows))


async def get_object(request: Request, given: None) -> ObjectDetails:
    """One object: state, the sensors and reports behind it, its last ten minutes, its notices."""
    runtime, number = runtime_of(request), int(request.path_params["number"])
    board, past = runtime.board, runtime.provenance.details(number)
    info = past.last if past else None
    row = board.row_of(number)
    if row is not None:
        info = object_info(board.table, row, board.identities)
    if info is None:
        raise ApiError(404, f"there is no object {number}, or it ended more than ten minutes ago")
    return ObjectDetails(
        object=info,
        identities=(info.identity,) if info.identity else (),
        sensors=past.sensors if past else {},
        reports=past.reports if past else (),
        history=past.history if past else History((), (), (), (), ()),
        notices=tuple(n for n in board.notices.values() if n.track == number),
        kinds=() if board.kinds is None else kind_chances(board.kinds, number),
        kind_set_by=board.hand_kinds.get(number, ""),
    )


async def set_kind(request: Request, given: KindGiven) -> Done:
    """Say what an object is, or take it back."""
    runtime, number = runtime_of(request), int(request.path_params["number"])
    if runtime.board.row_of(number) is None:
        raise ApiError(404, f"there is no object {number} now")
    return await runtime.actions.act(ActionKind.SET_KIND, number, given.kind, who_asks(request))


async def list_trails(request: Request, given: None) -> TrailList:
    """The ways of all objects shown now, for a page that just opened."""
    runtime = runtime_of(request)
    minutes = query_of(request, TRAILS_QUERY)["minutes"]
    if not 0.0 < minutes <= MAX_TRAIL_MINUTES:
        raise ApiError(422, f"minutes: {minutes:g} is not between 0 and {MAX_TRAIL_MINUTES:g}")
    since_ms = runtime.board.picture_ms - minutes * 60_000.0
    numbers = runtime.board.table["number"].astype(np.int64).tolist()
    return TrailList(tuple(runtime.provenance.trail(number, since_ms) for number in numbers))
