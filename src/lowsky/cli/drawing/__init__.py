"""One picture of an air picture: a dark map with tracks, their uncertainty, truth, sensors and raw plots.

`view` reads and projects, `layers` draws the map's contents, `labels` thins the labels, `panel` draws what stands
round the map, `render` puts them on a page. matplotlib is imported here and nowhere else in lowsky; no display is
needed.
"""

from .render import draw
from .view import View, load_view

__all__ = ["View", "draw", "load_view"]
