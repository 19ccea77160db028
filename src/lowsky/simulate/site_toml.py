"""A scene's sensors and places as a `site.toml`, for a server that is sent the scene over the network."""

from __future__ import annotations

import json
from pathlib import Path

from .describe import describe_place, describe_sensor
from .live import LiveScene


def site_toml(scene: LiveScene, via: str) -> str:
    """The text of a site with the scene's sensors and places, and one source of JSON lines from `via`."""
    tables: list[tuple[str, dict[str, object]]] = [("site", {"id": scene.name, "name": scene.name.capitalize()})]
    tables += [("[sensors]", describe_sensor(sensor)) for sensor in scene.site.sensors]
    tables += [("[places]", describe_place(place)) for place in scene.places]
    tables.append(("[sources]", {"kind": "jsonl", "name": scene.name, "via": via}))
    if scene.overlay is not None:
        tables.append(("map", {"overlay": overlay_name(scene)}))
    head = f"# The scene {scene.name}, sent by `lowsky simulate {scene.name} --to ...`.\n"
    return head + "".join(_table(name, values) for name, values in tables)


def overlay_name(scene: LiveScene) -> str:
    """The file of the scene's map layer, beside the site.toml."""
    return f"{scene.name}.geojson"


def write_site(path: Path, scene: LiveScene, via: str) -> None:
    """Write the site.toml, and the scene's map layer beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(site_toml(scene, via), encoding="utf-8")
    if scene.overlay is not None:
        (path.parent / overlay_name(scene)).write_text(json.dumps(scene.overlay) + "\n", encoding="utf-8")


def _table(name: str, values: dict[str, object]) -> str:
    """One table; numbers, words and lists of them are written alike in TOML and JSON."""
    lines = [f"{key} = {_value(value)}" for key, value in values.items() if value != ""]
    return "\n".join([f"\n[{name}]", *lines]) + "\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
