"""lowsky: one low-altitude air picture out of the raw reports of many unlike sensors.

The package root holds only the version, so that `import lowsky` costs nothing; each room is imported by who needs it.
"""

__version__ = "0.1.0"
