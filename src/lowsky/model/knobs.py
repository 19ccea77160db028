"""What an operator turns, with its bounds: the number of false tracks that a site is shown.

Apart from the tracker's settings so that commands, the site file and the map can name it without loading the tracker.
"""

from __future__ import annotations

FALSE_TRACKS_PER_HOUR = 2.0  # a few: a watch can look into each
LEAST_FALSE_TRACKS_PER_HOUR = 0.01  # rarer ones were never measured
MOST_FALSE_TRACKS_PER_HOUR = 1000.0
