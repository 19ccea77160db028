"""The one sensor model: what `simulate` draws from, `tracking` gates with and `plan` integrates over.

`sensor_table` turns descriptions into the arrays of `kernels.layout.Sensors`; the compiled half is in
`kernels.sensing` and `kernels.measurement`.
"""

from .table import draw_horizon, keep_horizon, sensor_table

__all__ = ["draw_horizon", "keep_horizon", "sensor_table"]
