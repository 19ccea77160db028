"""The engine of numbers: hundreds of mutations as datagrams of one sender, taken at once, for as long as it lives.

What the other engines try in depth, this one tries in breadth and in company: a decoder that has read a hundred
thousand pieces of garbage must still count each once, give out no report that cannot be true, and not grow.
"""

from __future__ import annotations

import json
import random
import time
from functools import partial
from pathlib import Path

from lowsky.wire.decoded import Decoder

from .invariants import RECEIVED_NS, checked, make_decoder
from .mode import quickly
from .mutate import mutated
from .own import Outcome, attempted, resident_mb
from .targets import Target

BATCH = 250  # inputs taken at once
LIFE = 100  # batches that one decoder reads


def fuzz(target: Target, seconds: float, seed: int, kept: Path) -> Outcome:
    """Give batches of mutations to decoders for a time. A batch that breaks a rule in company only goes to `kept`."""
    quickly()
    rng, seeds, outcome = random.Random(seed), list(target.seeds().values()), Outcome()
    target.one(b"")  # what is compiled or imported at the first use
    begin, at_first = time.monotonic(), 0.0
    while (gone := time.monotonic() - begin) < seconds and not outcome.defects:
        if not at_first and gone > seconds / 5:
            at_first = resident_mb()
        decoder = make_decoder(target.name, target.options, True)
        for _ in range(LIFE):
            batch = [mutated(rng, seeds, target.dictionary) for _ in range(BATCH)]
            outcome.executions += len(batch)
            if where := attempted(partial(_read, decoder), batch):
                _find(target, batch, where, outcome, kept)
                break
            if time.monotonic() - begin > seconds:
                break
    outcome.growth_mb = resident_mb() - at_first if at_first else 0.0
    return outcome


def _read(decoder: Decoder, batch: list[bytes]) -> None:
    for data in batch:
        decoder.push(data, RECEIVED_NS)
    checked(decoder.take())


def _find(target: Target, batch: list[bytes], where: str, outcome: Outcome, kept: Path) -> None:
    """Which input of a batch it was; where none does it alone, the whole batch is kept."""
    for data in batch:
        if alone := attempted(target.one, data):
            outcome.defects[alone] = data
            return
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps([data.hex() for data in batch]))
    outcome.defects[f"{where}, in company: {kept}"] = b""
