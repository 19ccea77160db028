"""What must hold for any decoder whatever bytes it is given; a target adds what only its format knows.

The same bytes are given whole, in pieces, as datagrams and to the reader. Always: nothing raises; every item is
counted once (used, ignored by what it is, rejected by reason); every report comes from a sensor of the site, at a time
near its receipt, with finite numbers within the limits of their field; kinds of faults and sentences stay few. How a
stream is cut never changes what is read of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lowsky.model.report import REPORT_COLUMNS, Quantity, ReportBatch
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.decoded import Context, Decoded, Decoder, Weather
from lowsky.wire.formats import Options, find_format
from lowsky.wire.plausible import MAX_AHEAD_S, MAX_DELAY_S
from lowsky.wire.problems import MESSAGE_LIMIT
from lowsky.wire.table.fields import FIELDS

from .mode import some_of

WAYS = ("pieces", "datagrams", "reader")
RECEIVED_NS = 1_750_000_000_000_000_000  # 2025-06-15 15:06:40 UTC
MAX_KINDS = 300  # different faults of one format; the stock of each is fixed and far smaller
MAX_SENTENCE = 600  # characters
SITE = Site(
    (
        Sensor("radar", SensorKind.RADAR_3D, 51.0, 4.0, 60.0, max_range_m=1e7),
        Sensor("receiver", SensorKind.COOPERATIVE, 51.0, 4.0, 60.0, max_range_m=1e7),
        Sensor("finder", SensorKind.BEARING, 51.0, 4.0, 60.0, max_range_m=1e7),
    ),
    Origin(51.0, 4.0, 0.0),
)


def make_decoder(format_name: str, options: Options, datagrams: bool, site: Site = SITE) -> Decoder:
    """A decoder of a format at the fuzzing site."""
    context = Context(site, "fuzz", Weather(qnh_hpa=1008.0))
    return find_format(format_name).decoder(context, options, datagrams)


@dataclass(slots=True)
class Seen:
    """What was taken out of one decoder."""

    taken: list[Decoded] = field(default_factory=list)

    def books(self) -> tuple[int, dict[str, int], dict[str, int]]:
        """Items used, ignored by what they are, rejected by reason."""
        ignored: dict[str, int] = {}
        rejected: dict[str, int] = {}
        for decoded in self.taken:
            for into, counts in ((ignored, decoded.ignored), (rejected, decoded.problems.counts)):
                for name, count in counts.items():
                    into[name] = into.get(name, 0) + count
        return sum(d.used for d in self.taken), ignored, rejected

    def reports(self) -> list[tuple[Any, ...]]:
        """Every report as a tuple that can be compared; NaN as None, identities by name."""
        rows: list[tuple[Any, ...]] = []
        for decoded in self.taken:
            batch = decoded.reports
            names = [batch.identities[i] if i >= 0 else None for i in batch.identity.tolist()]
            columns = [getattr(batch, c).tolist() for c in REPORT_COLUMNS if c not in ("identity", "raw")]
            rows += [tuple(None if v != v else v for v in row) for row in zip(*columns, names, strict=True)]
        return rows


def check(format_name: str, options: Options, data: bytes, ways: tuple[str, ...] = ()) -> None:
    """Give `data` to a format in all `WAYS`, or in some.

    Raises:
        AssertionError: if one of the invariants does not hold.
    """
    ways = some_of(ways or WAYS, data)
    if "pieces" in ways:
        check_pieces(format_name, options, data)
    if "datagrams" in ways:
        middle = len(data) // 2
        run(make_decoder(format_name, options, True), [data, data[:middle], data[middle:]])
    if "reader" in ways:
        check_reader(format_name, options, data)


def check_pieces(format_name: str, options: Options, data: bytes) -> Seen:
    """Give `data` to a decoder whole, and to another in pieces; what was seen of the whole.

    Raises:
        AssertionError: if one of the invariants does not hold, or what was read is not the same.
    """
    whole = run(make_decoder(format_name, options, False), [data])
    pieces = run(make_decoder(format_name, options, False), cut(data))
    assert whole.books() == pieces.books(), f"the cut changes the books: {whole.books()} {pieces.books()}"
    assert whole.reports() == pieces.reports(), "the cut changes the reports"
    return whole


def cut(data: bytes) -> Iterator[bytes]:
    """Pieces of 1, 2, 3, 5, 8 ... bytes, up to 233 and again."""
    at, size, following = 0, 1, 2
    while at < len(data):
        yield data[at : at + size]
        at += size
        size, following = (following, size + following) if following < 300 else (1, 2)


def run(decoder: Decoder, pieces: Iterable[bytes]) -> Seen:
    """Push all pieces, taking now and then; every `Decoded` is checked."""
    seen = Seen()
    for i, piece in enumerate(pieces):
        decoder.push(piece, RECEIVED_NS)
        if i % 16 == 15:
            seen.taken.append(checked(decoder.take()))
    decoder.close(RECEIVED_NS)
    seen.taken.append(checked(decoder.take()))
    rest = decoder.take()
    assert (rest.received, len(rest.reports)) == (0, 0), "something was given out twice"
    return seen


def checked(decoded: Decoded, site: Site = SITE) -> Decoded:
    """The same, if nothing of it breaks a rule.

    Raises:
        AssertionError: naming the rule.
    """
    check_books(decoded)
    if len(decoded.reports):
        check_reports(decoded.reports, site)
    assert ((decoded.looks.sensor >= 0) & (decoded.looks.sensor < len(site.sensors))).all(), "a look of no sensor"
    assert all(0 <= s.sensor < len(site.sensors) for s in decoded.statuses), "a status of no sensor"
    for people in (decoded.operators, decoded.friends):
        assert all(abs(p.latitude_deg) <= 90.0 for p in people), "a person nowhere"
        assert all(abs(p.longitude_deg) <= 360.0 for p in people), "a person nowhere"
    return decoded


def check_books(decoded: Decoded) -> None:
    """Counts are whole, none is negative, kinds and sentences are few.

    Raises:
        AssertionError: naming the rule.
    """
    problems = decoded.problems
    assert problems.rejected == sum(problems.counts.values()), "rejected items are not the sum of their kinds"
    assert decoded.used >= 0, "less than nothing used"
    assert all(n > 0 for n in (*decoded.ignored.values(), *problems.counts.values())), "a kind that was not met"
    assert len(problems.counts) + len(decoded.ignored) <= MAX_KINDS, "kinds of faults without limit"
    assert len(problems.messages) <= MESSAGE_LIMIT, "sentences without limit"
    assert all(len(m) <= MAX_SENTENCE and "\n" not in m for m in problems.messages), "a sentence that is none"
    assert len(problems.messages) <= problems.rejected, "more sentences than rejected items"


def check_reports(reports: ReportBatch, site: Site = SITE) -> None:
    """Every row is a report that could be true.

    Raises:
        AssertionError: naming the column.
    """
    assert ((reports.sensor >= 0) & (reports.sensor < len(site.sensors))).all(), "a report of no sensor"
    age_ns = reports.received_ns - reports.time_ns
    assert (age_ns >= -MAX_AHEAD_S * NS_PER_S).all(), "a time to come"
    assert (age_ns <= MAX_DELAY_S * NS_PER_S).all(), "a time long gone"
    for f in FIELDS:
        column = getattr(reports, f.target)
        slack = 1e5 if f.target == "height_m" else 1e9 if f.target == "sigma_height_m" else 1e-9
        outside = (column < f.low * f.scale - slack) | (column > f.high * f.scale + slack)
        assert not outside.any(), f"{f.target} outside its limits: {column[outside][:3]}"
    known = np.isfinite(reports.latitude_deg) & np.isfinite(reports.longitude_deg)
    assert np.array_equal((reports.quantities & Quantity.POSITION) != 0, known), "a position that is not told"
    assert (reports.identity < len(reports.identities)).all(), "an identity without its name"


def check_reader(format_name: str, options: Options, data: bytes) -> None:
    """The reader raises nothing and gives dicts.

    Raises:
        AssertionError: if it gives something else.
    """
    for datagrams in (False, True):
        reader = find_format(format_name).reader(options, datagrams)
        for item in (*reader.push(data), *reader.close()):
            assert isinstance(item, dict), "an item that is none"
            assert item, "an item of nothing"
