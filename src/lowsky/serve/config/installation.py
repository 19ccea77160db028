"""What makes this installation's identifiers different from everyone else's: 128 random bits, drawn once and kept.

Identifiers that others keep (node ids, object ids) are drawn from it, so that they are the same after a restart and
never those of another server whose site happens to bear the same name.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from lowsky.model.errors import InputError

FILE = "installation.id"  # beside the site's file
SEED_BYTES = 16
NODE = "fusion"  # what the SAPIENT node of this installation is called where its id is drawn


def installation_seed(folder: Path) -> bytes:
    """The seed of the server whose site's file lies in this folder, made if there is none.

    Raises:
        InputError: if it can be neither read nor written, or is no seed.
    """
    path = folder / FILE
    try:
        _make(path)
        text = path.read_text(encoding="ascii").strip()
        seed = bytes.fromhex(text)
    except OSError as error:
        raise InputError(f"{path} cannot be kept: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"{path} does not hold {2 * SEED_BYTES} hexadecimal digits") from None
    if len(seed) != SEED_BYTES:
        raise InputError(f"{path} does not hold {2 * SEED_BYTES} hexadecimal digits")
    return seed


def _make(path: Path) -> None:
    """Write a new one, unless there is one; whole or not at all."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(secrets.token_hex(SEED_BYTES) + "\n", encoding="ascii")
    try:
        os.link(part, path)
    except FileExistsError:  # somebody was quicker: theirs holds
        pass
    finally:
        part.unlink()
