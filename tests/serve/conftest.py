"""Fixtures of the tests of security."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve.doors import Door


@pytest.fixture
def make_door(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Makes guarded servers, which are closed afterwards."""
    made: list[Door] = []

    def make(**names: Any) -> Door:
        door = Door(tmp_path / f"door{len(made)}", **names)
        made.append(door)
        return door

    yield make
    for door in made:
        door.close()


@pytest.fixture
def door(make_door: Callable[..., Door]) -> Door:
    """A guarded server with accounts, reached over the network."""
    return make_door()
