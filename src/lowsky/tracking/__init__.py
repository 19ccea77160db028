"""Tracking: the upper half of the kernels. Settings with names and reasons, memory, and the way of reports into it.

Decisions on tracks are made in `lowsky.kernels`; this room gives them their arrays and turns results into the
vocabulary of `lowsky.model`.
"""
