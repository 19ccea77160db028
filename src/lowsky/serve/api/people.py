"""Routes about places of people. Each look at operators is audited, and shown only once the line is on the disk."""

from __future__ import annotations

import structlog
from starlette.requests import HTTPConnection, Request

from ..answers.people import FriendList, OperatorList, friend_infos, operator_infos
from ..audit import Entry, FullError
from ..errors import ApiError
from .request import runtime_of

LOOKED = "looked at operators"
log = structlog.get_logger("lowsky.people")


async def list_operators(request: Request, given: None) -> OperatorList:
    """Where operators of drones say that they stand."""
    if not await audited(request):
        raise ApiError(503, "the audit cannot be written, so operators are not shown; the server's log says why")
    runtime = runtime_of(request)
    runtime.people.forget(runtime.clock.now_ns())
    places = runtime.people.operators.newest_first()
    return OperatorList(operator_infos(places, tuple(sensor.id for sensor in runtime.site.sensors)))


async def list_friends(request: Request, given: None) -> FriendList:
    """Where one's own are."""
    runtime = runtime_of(request)
    runtime.people.forget(runtime.clock.now_ns())
    return FriendList(friend_infos(runtime.people.friends.newest_first()))


async def audited(connection: HTTPConnection) -> bool:
    """Write into the audit that whoever asks looks at operators; False: it could not be written."""
    state = connection.state
    entry = Entry(
        state.visitor.who, state.visitor.role.value, state.client.address, LOOKED, "done", connection.url.path
    )
    try:
        await state.audit_file.write(entry)
    except (OSError, FullError) as error:
        log.error("operators are not shown, for the audit cannot be written", error=str(error) or "too much waits")
        return False
    return True
