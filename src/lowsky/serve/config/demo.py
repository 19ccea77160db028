"""The site of `lowsky demo`: a scene of our own and nothing else, recorded anew at every start."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lowsky.model.errors import InputError

from .site_file import SiteConfig, parse_site

MARK = "demo.toml"  # tells a folder of the demo's own, which may be emptied, from anybody else's

SITE = """\
# Written by `lowsky demo`; it writes it anew at every start.
[site]
id = "demo"
name = {name}

[[sources]]
kind = "simulation"
name = "scene"
scene = {scene}
seed = {seed}

[server]
port = {port}

[accounts]
on = false

[journal]
keep_gb = 4
"""


def demo_site(folder: Path, scene: str, seed: int, port: int) -> SiteConfig:
    """The configuration, in a folder that is emptied if it is the demo's own.

    Raises:
        InputError: if the folder is somebody else's or cannot be written, or a value cannot be used.
    """
    path = folder / MARK
    try:
        if folder.exists() and any(folder.iterdir()):
            if not path.is_file():
                raise InputError(f"{folder} is not empty and not of `lowsky demo`; choose another with --folder")
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        name = json.dumps(f"Demo: {scene}")
        text = SITE.format(name=name, scene=json.dumps(scene), seed=seed, port=port)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be used: {error.strerror or error}") from None
    return parse_site(text, path)
