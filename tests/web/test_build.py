"""How the pages are built: imports become paths, everything lies in one folder named by its content."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools import web

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ("import { Map } from 'maplibre-gl';", "src/map/base.js", "'../../vendor/maplibre-gl/maplibre-gl.mjs'"),
        ('import{a as b}from"fflate";', "vendor/pmtiles/pmtiles.js", '"../../vendor/fflate/fflate.js"'),
        ("await import('milsymbol')", "src/app.js", "'../vendor/milsymbol/milsymbol.js'"),
        ("import 'pmtiles';", "app.js", "'vendor/pmtiles/pmtiles.js'"),
        ("import x from './own.js';", "src/a.js", "'./own.js'"),
    ],
)
def test_packages_become_paths(text: str, path: str, wanted: str) -> None:
    assert wanted in web.named_by_path(text, path)


def test_an_unknown_package_is_named() -> None:
    with pytest.raises(web.BuildError, match=r"src/a\.js imports 'leftpad'"):
        web.named_by_path("import pad from 'leftpad';", "src/a.js")


def test_a_page_names_ahead_what_its_entry_needs_and_nothing_else() -> None:
    found = {
        "src/app.js": b"import './a.js';\nexport { x } from './b/c.js';\nconst later = () => import('./later.js');\n",
        "src/a.js": b"import './app.js';\nimport { far } from '../vendor/milsymbol/milsymbol.js';\n",
        "src/b/c.js": b"",
        "src/later.js": b"",
        "src/other.js": b"",
        "vendor/milsymbol/milsymbol.js": b"",
    }
    page = web.with_preloads('<script type="module" src="/static/@/src/app.js"></script>', found)
    assert sorted(re.findall(r'modulepreload" href="/static/@/([^"]+)"', page)) == [
        "src/a.js",
        "src/b/c.js",
        "src/later.js",
    ]
    assert page.endswith('<script type="module" src="/static/@/src/app.js"></script>')


def test_the_folder_is_named_by_content_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "static"
    pages = {"index.html": '<link href="/static/@/a.css" />'}
    first = web.lay_out({"a.css": b"one"}, pages, target)
    assert web.lay_out({"a.css": b"one"}, pages, target) == first
    second = web.lay_out({"a.css": b"two"}, pages, target)
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{12}", second)
    assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*")) == sorted(
        [second, f"{second}/a.css", "index.html"]
    )
    assert (target / "index.html").read_text() == f'<link href="/static/{second}/a.css" />'


def test_names_of_files_count_as_content(tmp_path: Path) -> None:
    names = {web.lay_out(found, {}, tmp_path / "s") for found in ({"a": b"xy"}, {"ax": b"y"}, {"a": b"x", "b": b"y"})}
    assert len(names) == 3


def test_the_lock_names_no_registry_and_fixes_everything() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def test_every_licence_of_what_is_shipped_is_shipped() -> None:
    named = {path.split("/")[0] for path in web.VENDOR}
    with_text = {path.split("/")[0] for path in web.VENDOR if "LICENSE" in path}
    assert named - with_text == {"pmtiles"}, "its package has no licence file; web/assets/README.md names it"
    assert "BSD-3-Clause" in (ROOT / "web" / "assets" / "README.md").read_text()
