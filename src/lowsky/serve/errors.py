"""The error that any part of the server may answer a request with.

Input that cannot be used is `lowsky.model.errors.InputError`; this is about what a caller asks for.
"""

from __future__ import annotations


class ApiError(Exception):
    """What the caller did cannot be done: answered as {"error": sentence} with this status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
