"""JSON lines: lowsky's own format for whoever has reports and no other format. One JSON object a line."""

from __future__ import annotations

from ..decoded import STATES, Decoded, SensorStatus
from .decoder import Decoder, Totals
from .encoder import ROWS_PER_LINE, encode, encode_status
from .messages import json_schema

__all__ = [
    "ROWS_PER_LINE",
    "STATES",
    "Decoded",
    "Decoder",
    "SensorStatus",
    "Totals",
    "encode",
    "encode_status",
    "json_schema",
]
