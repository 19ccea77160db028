"""Outputs: the live picture to other systems, in the formats that they read."""
