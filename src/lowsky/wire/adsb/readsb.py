"""aircraft.json to reports: what readsb, dump1090 and their relatives write once a second, by file or web address.

A document has "now" and a list "aircraft"; single aircraft with "now", one after another, as readsb gives them out on
a port, are read too. Of every aircraft the newest position is a report if it is new: its time is `now` less `seen_pos`
(with `clock = "receipt"`, the receipt less `seen_pos`), and it is carried on to the receipt by the aircraft's own
velocity. Heights are geometric (`alt_geom`, feet above the ellipsoid), else by pressure (`alt_baro`); accuracies are
those of `nac_p`, `nac_v` and `gva`. Source: README-json.md of readsb; older names of dump1090 are known ("altitude",
"speed").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from lowsky.model.report import report_batch
from lowsky.model.timebase import NS_PER_S

from ..decoded import Context, Decoded
from ..drafts import Finisher
from ..formats import Format, Options
from ..problems import Problems
from ..tally import Tally
from .aircraft import Aircraft, fault_of, row_of, told_by
from .documents import MAX_BYTES, ObjectSplitter
from .rows import Row, finish_rows

MAX_PENDING = 200_000  # aircraft gathered and not taken
MAX_AIRCRAFT = 20_000  # whose last position is kept
SAME_S = 0.35  # `seen_pos` is rounded to tenths
OLDEST_S = 60.0
LATEST_S = 9.0e9


class ReadsbOptions(Options, frozen=True, kw_only=True):
    """What a source of aircraft.json may say."""

    clock: Literal["document", "receipt"] = "document"
    tisb: bool = False  # also positions of aircraft without ADS-B that ground stations send
    mlat: bool = True  # also positions by multilateration


class _Document(msgspec.Struct):
    now: float | None = None
    aircraft: list[msgspec.Raw] | None = None
    hex: str | None = None


_decode_document = msgspec.json.Decoder(_Document).decode
_decode_aircraft = msgspec.json.Decoder(Aircraft).decode


class ReadsbDecoder:
    """Reads one address or feed."""

    def __init__(self, context: Context, options: ReadsbOptions, datagrams: bool) -> None:
        self.names = options.names(context)
        self._context, self._options, self._datagrams = context, options, datagrams
        self._tally = Tally(context.source)
        self._finisher = Finisher(context.site)
        self._splitter = ObjectSplitter()
        self._rows: list[Row] = []
        self._last: dict[str, tuple[int, float, float]] = {}  # time and place of the newest position

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one whole document."""
        documents, between, too_long = self._splitter.push(data)
        for document in documents:
            self._document(document, received_ns)
        if too_long:
            self._tally.reject("document too long", f"a document is longer than {MAX_BYTES} bytes")
        if between:
            self._tally.reject("no document", f"no document: {data[:60]!r}", between)
        if self._datagrams:
            self.close(received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        rest = self._splitter.close()
        if rest:
            self._tally.reject("document cut short", f"document cut short: {rest[:60]!r}")

    def take(self) -> Decoded:
        """What was complete since the last time."""
        rows, self._rows = self._rows, []
        reports, problems = report_batch(0), Problems()
        if rows:
            reports, problems = finish_rows(rows, self._context, self.names, self._finisher, carry=True)
        ignored, problems = self._tally.take(problems)
        return Decoded(reports=reports, problems=problems, used=len(reports), ignored=ignored)

    def _document(self, data: bytes, received_ns: int) -> None:
        """Gather one document, or one aircraft by itself."""
        try:
            document = _decode_document(data)
        except (ValueError, RecursionError) as error:
            self._tally.reject("document not JSON", f"document not JSON: {str(error)[:120]}")
            return
        entries = document.aircraft
        if entries is None:
            if document.hex is None:
                self._tally.reject("document without aircraft", f"document without aircraft: {data[:60]!r}")
                return
            entries = [msgspec.Raw(data)]
        now_ns = _now_ns(document.now, received_ns) if self._options.clock == "document" else received_ns
        if now_ns is None:
            self._tally.reject("now is no time", f"now is no time: {document.now}", max(len(entries), 1))
            return
        if not entries:
            self._tally.ignore("document without aircraft")
        for entry in entries:
            self._entry(bytes(entry), now_ns, received_ns)

    def _entry(self, data: bytes, now_ns: int, received_ns: int) -> None:
        try:
            aircraft = _decode_aircraft(data)
        except (ValueError, RecursionError) as error:
            self._tally.reject("aircraft malformed", f"aircraft malformed: {data[:60]!r}: {str(error)[:100]}")
            return
        wrong = fault_of(aircraft)
        if wrong:
            self._tally.reject(wrong, f"{wrong}: {data[:80]!r}")
            return
        reason = self._left_out(aircraft, now_ns)
        if reason:
            self._tally.ignore(reason)
        elif len(self._rows) >= MAX_PENDING:
            self._tally.reject("not taken in time", f"{MAX_PENDING} aircraft are not yet taken")
        else:
            self._rows.append(row_of(aircraft, now_ns, received_ns))

    def _left_out(self, a: Aircraft, now_ns: int) -> str:
        """Why an aircraft says nothing new, if so; else its position is remembered."""
        if a.lat is None or a.lon is None or a.seen_pos is None:
            return "without position"
        if a.seen_pos > OLDEST_S:
            return "position old"
        kind = told_by(a)
        if (
            kind == "adsc"
            or (kind == "TIS-B" and not self._options.tisb)
            or (kind == "MLAT" and not self._options.mlat)
        ):
            return {"adsc": "ADS-C"}.get(kind, kind)
        time_ns = now_ns - int(a.seen_pos * NS_PER_S)
        last = self._last.pop(a.hex, None)
        if last is not None and time_ns - last[0] < SAME_S * NS_PER_S:
            same = (a.lat, a.lon) == last[1:]
            if same or time_ns < last[0] - SAME_S * NS_PER_S:
                self._last[a.hex] = last
                return "position repeated" if same else "position older than the last"
        self._last[a.hex] = time_ns, a.lat, a.lon
        while len(self._last) > MAX_AIRCRAFT:
            del self._last[next(iter(self._last))]
        return ""


def _now_ns(now: float | None, received_ns: int) -> int | None:
    """The time of a document, UTC; its receipt if it tells none; None if it tells what is no time."""
    if now is None:
        return received_ns
    return int(now * 1000) * 1_000_000 if 0.0 < now < LATEST_S else None


class ReadsbReader:
    """Aircraft as dicts, with all that the document says of them."""

    def __init__(self, datagrams: bool) -> None:
        self._datagrams, self._splitter = datagrams, ObjectSplitter()

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The aircraft of the documents that `data` completes."""
        documents, between, too_long = self._splitter.push(data)
        for document in documents:
            yield from read_document(document)
        if between or too_long:
            yield {"error": f"no document, or one longer than {MAX_BYTES} bytes: {data[:60]!r}"}
        if self._datagrams:
            yield from self.close()

    def close(self) -> Iterator[dict[str, Any]]:
        """A document that has begun and will not end."""
        rest = self._splitter.close()
        if rest:
            yield {"error": f"document cut short: {rest[:60]!r}"}


def read_document(data: bytes) -> Iterator[dict[str, Any]]:
    """The aircraft of one document, or `error`."""
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        yield {"error": f"document not JSON: {str(error)[:120]}"}
        return
    entries = document.get("aircraft", [document])
    if not isinstance(entries, list):
        yield {"error": f"aircraft is no list: {entries!r:.60}"}
        return
    for entry in entries:
        known = isinstance(entry, dict)
        yield {"now": document.get("now"), **entry} if known else {"error": f"no aircraft: {entry!r:.60}"}


def _likeness(head: bytes) -> float:
    start = head.lstrip()[:4000]
    if not start.startswith(b"{"):
        return 0.0
    return (
        0.95
        if b'"aircraft"' in start and b'"now"' in start
        else 0.5
        if b'"hex"' in start and b'"seen"' in start
        else 0.0
    )


FORMAT = Format(
    name="readsb",
    title="ADS-B, aircraft.json",
    options=ReadsbOptions,
    decoder=ReadsbDecoder,
    reader=lambda options, datagrams: ReadsbReader(datagrams),
    likeness=_likeness,
)
