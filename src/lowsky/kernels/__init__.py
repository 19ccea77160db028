"""Compiled functions on plain arrays: filters, gating, association, geometry.

Imports numpy and numba only. Functions here take arrays and numbers and know no class of the other rooms.
"""
