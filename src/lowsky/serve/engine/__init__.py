"""The core in its own thread: a bounded inbox in front, results handed to the event loop behind."""
