"""A refusal: the one way in which the guard says no, and the headers of a request, read strictly.

A header that decides who may do what (Host, Origin, Authorization, ...) must not be there twice: two readers might take
different ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Refused(Exception):  # noqa: N818  it is not an error, but the answer
    """The request is answered with this status and sentence, and goes no further."""

    def __init__(
        self, status: int, reason: str, sentence: str, headers: Mapping[str, str] | None = None, page: str = ""
    ) -> None:
        """`reason` is a word for counters and the audit, the sentence is for people; `page` is HTML in its place."""
        super().__init__(sentence)
        self.page = page
        self.status = status
        self.reason = reason
        self.sentence = sentence
        self.headers = dict(headers or {})


class Head:
    """The headers of one request, by lower-case name."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[bytes, list[str]] = {}
        for name, value in headers:
            self._values.setdefault(name.lower(), []).append(value.decode("latin-1").strip())

    def one(self, name: str) -> str | None:
        """The value of a header that is there at most once; None if it is not there.

        Raises:
            Refused: 400, if it is there more often.
        """
        values = self._values.get(name.encode())
        if not values:
            return None
        if len(values) > 1:
            raise Refused(400, "header", f"the header {name} is there {len(values)} times")
        return values[0]

    def all(self, name: str) -> list[str]:
        """All values of a header whose lines add up to one list, split at commas."""
        lines = self._values.get(name.encode(), [])
        return [part.strip() for line in lines for part in line.split(",") if part.strip()]

    def has(self, *names: str) -> bool:
        """Whether any of these headers is there."""
        return any(name.encode() in self._values for name in names)

    def cookie(self, name: str) -> str:
        """The value of a cookie; "" if it is not there, or there with two values."""
        found = set()
        for line in self._values.get(b"cookie", []):
            for part in line.split(";"):
                key, sign, value = part.strip().partition("=")
                if sign and key == name:
                    found.add(value.strip('"'))
        return found.pop() if len(found) == 1 else ""
