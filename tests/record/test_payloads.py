"""Inputs, checkpoints and the rest come back as they were; garbage is refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.core import CoreInput, save_state
from lowsky.model.action import Action, ActionKind
from lowsky.model.notice import Event, EventKind, Level
from lowsky.model.report import REPORT_COLUMNS, look_batch, report_batch
from lowsky.model.sensor import Sensor
from lowsky.record.compare import tables_equal
from lowsky.record.frames import DamageError
from lowsky.record.header import Header, Machine, Setup, differences, put_header, take_header, this_machine
from lowsky.record.payloads import (
    Checkpoint,
    Layout,
    Mark,
    Pulse,
    check_layout,
    put_checkpoint,
    put_input,
    put_json,
    take_checkpoint,
    take_input,
    take_json,
)
from lowsky.tracking.settings import Settings

from .nights import PLACES, at_once, night, setup_of

texts = st.text(max_size=12) | st.sampled_from(["\ud800half", "", "ÆØÅ", "\0", "드론"])
I64 = st.integers(-(2**62), 2**62)


@st.composite
def inputs(draw: st.DrawFn) -> CoreInput:
    """Any values in any columns: what a checked batch would never hold too."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, looks, ticks = (draw(st.integers(0, 12)) for _ in range(3))
    columns: dict[str, NDArray[Any]] = {}
    for name in draw(st.lists(st.sampled_from(REPORT_COLUMNS), unique=True)):
        dtype = getattr(report_batch(0), name).dtype
        columns[name] = np.frombuffer(rng.bytes(n * dtype.itemsize), dtype=dtype)
    actions = [
        Action(draw(I64), draw(st.sampled_from(ActionKind)), draw(I64), draw(texts), draw(texts))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return CoreInput(
        report_batch(n, tuple(draw(st.lists(texts, max_size=4))), **columns),
        look_batch(rng.integers(0, 9, looks), rng.integers(0, 2**60, looks), rng.integers(0, 2**60, looks),
                   rng.integers(0, 2, looks).astype(bool)),
        rng.integers(-(2**60), 2**60, ticks),
        tuple(actions),
    )  # fmt: skip


def same_input(a: CoreInput, b: CoreInput) -> bool:
    """Are two inputs the same in every bit, and of the same types?"""
    pairs = [(getattr(a.reports, name), getattr(b.reports, name)) for name in REPORT_COLUMNS]
    pairs += [
        (getattr(a.looks, name), getattr(b.looks, name)) for name in ("sensor", "time_ns", "received_ns", "assumed")
    ]
    pairs.append((a.ticks_ns, b.ticks_ns))
    columns = all(x.dtype == y.dtype and x.tobytes() == y.tobytes() for x, y in pairs)
    return columns and a.reports.identities == b.reports.identities and a.actions == b.actions


@given(inputs())
def test_an_input_comes_back_to_the_bit(given_: CoreInput) -> None:
    back = take_input(put_input(given_), Layout())
    assert same_input(back, given_)
    assert all(getattr(back.reports, name).flags.writeable for name in REPORT_COLUMNS)


@given(inputs(), st.data())
def test_an_input_that_was_cut_short_or_changed_is_refused_or_is_one(given_: CoreInput, data: st.DataObject) -> None:
    payload = bytearray(put_input(given_))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    for bad in (bytes(payload), bytes(payload[:at])):
        with contextlib.suppress(DamageError):  # and nothing else
            take_input(bad, Layout())


@given(st.binary(max_size=300))
def test_garbage_is_no_payload(data: bytes) -> None:
    for take in (lambda b: take_input(b, Layout()), take_checkpoint, lambda b: take_header(b, "x"),
                 lambda b: take_json(b, Pulse), lambda b: take_json(b, Mark)):  # fmt: skip
        with pytest.raises(DamageError):
            take(b"\xff" + data)


def test_columns_that_a_recording_does_not_have_are_missing() -> None:
    given_ = CoreInput(night().reports, night().looks, night().ticks_ns)
    older = Layout(floats=tuple(n for n in Layout().floats if n != "snr_db"))
    back = take_input(put_input(given_, older), older).reports
    assert np.isnan(back.snr_db).all()
    assert np.array_equal(back.range_m, night().reports.range_m, equal_nan=True)
    assert np.array_equal(back.quantities, night().reports.quantities)
    with pytest.raises(DamageError, match="'smell'"):
        check_layout(Layout(floats=("smell",)), "a.log")
    with pytest.raises(DamageError, match="'range_m'"):
        check_layout(Layout(ints=("range_m",)), "a.log")


@given(st.lists(st.tuples(st.sampled_from(["a", "b/c", "ø"]), st.sampled_from([np.dtype("<f8"), np.dtype("u1"),
       np.dtype([("x", "i1"), ("y", "f8", (2, 3)), ("z", "<i4")], align=True)]), st.integers(0, 5))))  # fmt: skip
def test_checkpoints_come_back(described: list[tuple[str, np.dtype[Any], int]]) -> None:
    rng = np.random.default_rng(1)
    tables: dict[str, NDArray[Any]] = {}
    for name, dtype, n in described:
        tables[name] = np.frombuffer(rng.bytes(n * dtype.itemsize), dtype=dtype)
    events = (Event(5, EventKind.RAISED, 1, 2, 3, 0, Level.WARNING, "you"),)
    back = take_checkpoint(put_checkpoint(Checkpoint(-7, tables, 12, events)))
    assert (back.time_ns, back.reports, back.events) == (-7, 12, events)
    assert list(back.tables) == list(tables)
    assert tables_equal(back.tables, tables)


def test_a_whole_state_comes_back() -> None:
    tables = save_state(at_once()[0])
    back = take_checkpoint(put_checkpoint(Checkpoint(1, tables))).tables
    assert tables_equal(back, tables)
    assert not tables_equal(back, tables | {"tally": tables["tally"][:0]})
    changed = {name: table.copy() for name, table in tables.items()}
    changed["tracks"]["x"][0, 0, 0] += 1e-9
    assert not tables_equal(back, changed)


def test_headers_come_back_and_hold_what_the_core_was_set_up_with() -> None:
    setup = replace(setup_of(night()), settings=Settings(life_s=111.0))
    header = Header("ab" * 16, this_machine(), setup, 40, "harbour")
    assert take_header(put_header(header), "x") == header
    bad = Sensor("s", night().site.sensors[0].kind, 50.0, 8.0, float("nan"))
    header = replace(header, setup=Setup(replace(night().site, sensors=(bad,)), None, PLACES))
    with pytest.raises(ValueError, match="NaN"):
        put_header(header)


def test_differences_are_named() -> None:
    here = this_machine()
    assert differences(here, here) == []
    other = Machine("9", "c", "3.13.1", dict.fromkeys(here.packages, "0.1"), "potato", "+x", "beos x86")
    text = "; ".join(differences(other, here))
    for word in ("lowsky 9", "python 3.13.1", "potato", "beos", "numba 0.1"):
        assert word in text
    assert differences(replace(here, features="+x"), here) == ["other features of the processor"]


def test_pulses_and_marks_come_back() -> None:
    pulse = Pulse(1, "aa", 3, 2, ((5, Level.WATCH, "pier"),), "x")
    assert take_json(put_json(pulse), Pulse) == pulse
    mark = Mark("loss", 9, 3, 1, 2, "No space left on device")
    assert take_json(put_json(mark), Mark) == mark
    with pytest.raises(DamageError):
        take_json(put_json(mark), Pulse)
