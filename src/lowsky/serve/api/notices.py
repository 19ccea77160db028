"""Routes about notices and calls: the list, acknowledging, ending by hand."""

from __future__ import annotations

import msgspec
from starlette.requests import Request

from lowsky.model.action import ActionKind

from ..answers.notices import EndGiven, Notice
from ..answers.result import Done
from ..errors import ApiError
from ..route import Query, query_of
from .request import runtime_of, who_asks

NOTICES_QUERY = (Query("open", int, "1: only those that stand", 0),)
MAX_WHY = 500


class NoticeList(msgspec.Struct, frozen=True):
    """Standing notices and those that ended in the last ten minutes, the most urgent first."""

    notices: tuple[Notice, ...]


async def list_notices(request: Request, given: None) -> NoticeList:
    """Notices by urgency and time of arrival."""
    only_open = bool(query_of(request, NOTICES_QUERY)["open"])
    found = runtime_of(request).board.notices.values()
    return NoticeList(tuple(n for n in found if not only_open or n.ended_ms is None))


async def acknowledge(request: Request, given: None) -> Done:
    """A notice has been seen by who asks."""
    runtime, notice = runtime_of(request), _notice(request)
    return await runtime.actions.act(ActionKind.ACKNOWLEDGE, notice.notice, who=who_asks(request))


async def end(request: Request, given: EndGiven) -> Done:
    """End a notice by hand, with a reason."""
    runtime, notice, why = runtime_of(request), _notice(request), given.why.strip()
    if not why or len(why) > MAX_WHY:
        raise ApiError(422, f"why: a reason of 1 to {MAX_WHY} characters is needed")
    if notice.ended_ms is not None:
        raise ApiError(409, f"notice {notice.notice} has ended already")
    return await runtime.actions.act(ActionKind.END, notice.notice, why, who_asks(request))


async def acknowledge_call(request: Request, given: None) -> Done:
    """All notices of a call have been seen by who asks."""
    runtime, call = runtime_of(request), int(request.path_params["number"])
    if not any(n.call == call for n in runtime.board.notices.values()):
        raise ApiError(404, f"there is no call {call}, or all of it ended more than ten minutes ago")
    return await runtime.actions.act(ActionKind.ACKNOWLEDGE_CALL, call, who=who_asks(request))


def _notice(request: Request) -> Notice:
    number = int(request.path_params["number"])
    notice = runtime_of(request).board.notices.get(number)
    if notice is None:
        raise ApiError(404, f"there is no notice {number}, or it ended more than ten minutes ago")
    return notice
