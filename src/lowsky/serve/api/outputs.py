"""Routes about outputs."""

from __future__ import annotations

from starlette.requests import Request

from ..answers.outputs import OutputList
from ..outputs.keeper import output_list
from .request import runtime_of


async def list_outputs(request: Request, given: None) -> OutputList:
    """Every output with its counters."""
    return output_list(runtime_of(request).outputs)
