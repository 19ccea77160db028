"""The vocabulary every room shares: reports, looks, sensors, objects, frames, heights and time.

It imports nothing of ours and holds no behaviour beyond validation and conversion.
"""
