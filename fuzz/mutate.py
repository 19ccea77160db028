"""Seeded mutations of known inputs: the engine where no coverage-guided one is installed, and that of the tests."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

MAX_LENGTH = 4096  # bytes of an input
INTERESTING = (0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 254, 255)

Mutation = Callable[[random.Random, bytearray, Sequence[bytes]], bytearray]


def mutated(rng: random.Random, corpus: Sequence[bytes], dictionary: Sequence[bytes] = ()) -> bytes:
    """An input made of one of the corpus by one to six mutations; the same generator gives the same inputs."""
    data = bytearray(rng.choice(corpus)) if corpus else bytearray(rng.randbytes(rng.randrange(1, 200)))
    words = dictionary or (b"\x00",)
    for _ in range(min(1 + int(rng.expovariate(0.7)), 6)):
        change = rng.choice(_MUTATIONS)
        data = change(rng, data, corpus if change is _splice else words)
    return bytes(data[:MAX_LENGTH])


def _flip_bits(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    for _ in range(min(rng.randrange(1, 5), len(data))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _set_byte(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    if data:
        data[rng.randrange(len(data))] = rng.choice(INTERESTING)
    return data


def _lie_about_length(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    """Change two or four neighbouring bytes as a number, where lengths and counts are likely: near the front."""
    size = rng.choice((2, 4))
    if len(data) < size:
        return data
    at = rng.randrange(min(len(data) - size + 1, 32))
    order = rng.choice(("big", "little"))
    value = int.from_bytes(data[at : at + size], "big" if order == "big" else "little")
    value = (value + rng.choice((-257, -256, -2, -1, 1, 2, 256, 257, 1 << 15))) % (1 << 8 * size)
    data[at : at + size] = value.to_bytes(size, "big" if order == "big" else "little")
    return data


def _truncate(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.randrange(1, 16)]
    return data


def _repeat(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.randrange(1, 64)]
    data[at:at] = piece * rng.randrange(1, 4)
    return data


def _insert_noise(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.randrange(1, 16))
    return data


def _insert_word(rng: random.Random, data: bytearray, words: Sequence[bytes]) -> bytearray:
    at, word = rng.randrange(len(data) + 1), rng.choice(words)
    data[at : at + (len(word) if rng.random() < 0.5 else 0)] = word
    return data


def _splice(rng: random.Random, data: bytearray, corpus: Sequence[bytes]) -> bytearray:
    other = rng.choice(corpus) if corpus else b""
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _flip_bits,
    _set_byte,
    _lie_about_length,
    _truncate,
    _drop,
    _repeat,
    _insert_noise,
    _insert_word,
    _splice,
)
