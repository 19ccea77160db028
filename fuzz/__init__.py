"""Fuzzing of every format that comes in: one target a format, a corpus that is kept, and what runs them."""
