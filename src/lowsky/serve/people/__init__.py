"""Places of people: operators of drones, and one's own. Apart from the picture, in memory only, for a bounded time."""

from .store import Friends, Operators, People

__all__ = ["Friends", "Operators", "People"]
