"""A small simulator: objects that fly, sensors that report them, scenes with a name and a seed, and their folders.

It draws from the same sensor description that the tracker gates with. Enough for tests, for `lowsky demo`, and for
trying the commands; it is no proof of how well anything works on real sensors.
"""

from .folder import write_folder
from .night import SCENES, Recording, make_scene

__all__ = ["SCENES", "Recording", "make_scene", "write_folder"]
