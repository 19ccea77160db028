"""Certificates for the tests of connections."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.serve.cot.certificates import Certificates, made

# a peer that needs an environment of its own
collect_ignore = [] if os.environ.get("LOWSKY_TAKY") else ["test_taky.py"]


@pytest.fixture(scope="session")
def certificates(peer: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority, a server, a client and a stranger."""
    return made(peer("openssl"), tmp_path_factory.mktemp("certificates"))
