"""Words between the clock work and its caller: kinds of event, and what the caller has to do before it goes on."""

from __future__ import annotations

REPORT, LOOK, TICK, GLANCE, PAUSE = 0, 1, 2, 3, 4  # kinds of event; at a pause nothing but settling happens
DONE, GROW_TRACKS, GROW_POOL, GROW_PLOTS, GROW_EDGES, GROW_ROWS, SNAPSHOT, GO_BACK = 0, 1, 2, 3, 4, 5, 6, 7
