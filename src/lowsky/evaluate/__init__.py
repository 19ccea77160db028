"""Scores of a picture against the truth: GOSPA, OSPA and OSPA(2), SIAP, continuity, consistency, and the report.

Reads truth and tracks as files or arrays and knows nothing of how the tracks came about. Besides `model` it imports
the assignment and neighbour kernels: the same optimal assignment, compiled once, in the tracker and in its judge.
"""
