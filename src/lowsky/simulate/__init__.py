"""The simulator: objects that fly, drift and sail, sensors that report them, named scenes live and as folders.

It draws from the same sensor description that the tracker gates with, save for the faults that a scene declares. Enough
for tests, for `lowsky demo`, and for trying the commands; it is no proof of how well anything works on real sensors.
"""

from .catalogue import SCENES
from .folder import record_scene, write_folder
from .live import LiveScene, Truth, stream
from .recording import Recording, make_scene

__all__ = ["SCENES", "LiveScene", "Recording", "Truth", "make_scene", "record_scene", "stream", "write_folder"]
