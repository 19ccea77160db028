"""Routes about the tracker's one knob."""

from __future__ import annotations

from starlette.requests import Request

from lowsky.model.action import ActionKind
from lowsky.tracking.turning import checked

from ..answers.tracking import Tracking, TrackingGiven
from ..errors import ApiError
from ..sensitivity import NAME, as_action
from .request import runtime_of, who_asks


async def get_tracking(request: Request, given: None) -> Tracking:
    """How many false tracks an hour the whole site may have."""
    return runtime_of(request).sensitivity.answer()


async def put_tracking(request: Request, given: TrackingGiven) -> Tracking:
    """Turn it; in force at once, and kept over the next start."""
    runtime = runtime_of(request)
    try:
        value = checked(NAME, given.false_tracks_per_hour)
    except ValueError as error:
        raise ApiError(422, str(error)) from None
    await runtime.actions.act(ActionKind.TURN, value=as_action(value), who=who_asks(request))
    try:
        runtime.sensitivity.turn(value)
    except OSError as error:
        raise ApiError(503, f"in force, but not kept over the next start: {error.strerror or error}") from None
    return runtime.sensitivity.answer()
