"""Write docs/cli.md, the JSON schemas in docs, the settings in docs/tracking.md and the rules in docs/warnings.md from
the code, and check the documentation against the code.

    python tools/docs.py            writes them, then checks
    python tools/docs.py --check    checks only: also that they are what would be written

Checked in README.md and all pages of docs: every relative link leads to a file, every heading named after a `#`
exists, every `lowsky ...` line of a code block is taken by the parser of its command, every `make ...` line names a
target. The reference is written from the parsers' arguments and not from their help texts, whose layout differs between
Pythons.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from lowsky.assess import rules
from lowsky.assess.rules import Rules
from lowsky.cli.main import COMMANDS, command_parser, load_command
from lowsky.model.errors import InputError
from lowsky.serve.metrics import METRICS
from lowsky.serve.outputs.mqtt_messages import json_schema as mqtt_schema
from lowsky.tracking import settings
from lowsky.tracking.settings import MotionModel, Settings
from lowsky.wire.jsonl import json_schema

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "cli.md"
SCHEMA = ROOT / "docs" / "jsonl.schema.json"
MQTT_SCHEMA = ROOT / "docs" / "formats" / "mqtt.schema.json"
TRACKING = ROOT / "docs" / "tracking.md"
WARNINGS = ROOT / "docs" / "warnings.md"
SERVE = ROOT / "docs" / "serve.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
BEGIN, END = "<!-- {}: written by make docs -->", "<!-- end of {} -->"
DECLARED = re.compile(r"^    (\w+): [^=]+ = (?:.*?)(?:  # (.*))?$", re.MULTILINE)
MODEL = re.compile(r"^        MotionModel\(.*?\),  # (.*)$", re.MULTILINE)
APART = ("models", "switching_per_s", "start_probability")  # tuples: in the table of motion models


def reference() -> str:
    """The text of docs/cli.md."""
    parts = [
        "# Commands\n",
        "Written by `make docs` from the code; do not edit.\n",
        "Exit status: 0 done; 2 input or arguments that cannot be used, with one sentence on standard error; 130 "
        "interrupted; 141 when the reader of the output has gone.",
    ]
    for name in COMMANDS:
        parser = command_parser(name)
        parts += [
            f"\n## lowsky {name}\n",
            f"{load_command(name).SUMMARY[0].upper()}{load_command(name).SUMMARY[1:]}.\n",
        ]
        rows = [row for action in parser._actions if (row := _row(action))]
        if rows:
            parts += ["| argument | meaning |", "|---|---|", *rows]
        parts += ["\n```text", (parser.epilog or "").strip(), "```"]
    return "\n".join(parts) + "\n"


def _row(action: argparse.Action) -> str:
    if isinstance(action, argparse._HelpAction) or action.help == argparse.SUPPRESS:
        return ""
    value = "|".join(map(str, action.choices)) if action.choices else action.dest.upper()
    if action.metavar:
        value = action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    name = ", ".join(action.option_strings) or value
    if action.option_strings and action.nargs != 0:
        name += f" {value}"
    text = (action.help or "") % {**vars(action), "prog": "lowsky"}
    return f"| `{name}` | {text} |".replace("\n", " ")


def settings_tables() -> str:
    """The two tables of docs/tracking.md."""
    source = Path(settings.__file__).read_text().partition("class Settings")[2].partition("\nFACTORS")[0]
    names = [f.name for f in fields(Settings) if f.name not in APART]
    return "\n".join([*_models(source), "", *_declared("setting", Settings(), names, source)])


def rules_table() -> str:
    """The table of docs/warnings.md."""
    source = Path(rules.__file__).read_text().partition("class Rules")[2]
    return "\n".join(_declared("rule", Rules(), [f.name for f in fields(Rules)], source))


def metrics_table() -> str:
    """The table of docs/serve.md."""
    rows = [
        _cells([f"`{m.name}{'_total' * (m.kind == 'counter')}`", ", ".join(m.labels), m.kind, m.summary])
        for m in METRICS
    ]
    return "\n".join([_cells(["metric", "labels", "kind", "meaning"]), "|---|---|---|---|", *rows])


def _models(source: str) -> list[str]:
    names = [f.name for f in fields(MotionModel)]
    head = ["motion model", *(f"`{n}`" for n in names), "starts with", "leaves for the others, 1/s"]
    rows = []
    default = Settings()
    for m, (model, words) in enumerate(zip(default.models, MODEL.findall(source), strict=True)):
        leaves = ", ".join(f"{v:g}" for n, v in enumerate(default.switching_per_s[m]) if n != m)
        numbers = [f"{value:g}" for value in (*astuple(model), default.start_probability[m])]
        rows.append(_cells([words, *numbers, leaves]))
    return [_cells(head), "|---" * len(head) + "|", *rows]


def _declared(head: str, declared: Any, names: list[str], source: str) -> list[str]:
    """A row for each of the values declared, with the comment beside it in the source."""
    comments = dict(DECLARED.findall(source))
    rows = [_cells([f"`{name}`", _value(getattr(declared, name)), comments[name]]) for name in names]
    return [_cells([head, "default", "meaning"]), "|---|---|---|", *rows]


def _value(value: Any) -> str:
    return ", ".join(kind.word for kind in value) if isinstance(value, tuple) else f"{value:g}"


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def with_tables(page: str, name: str, tables: str) -> str:
    """The page with its tables of settings or rules as the code has them.

    Raises:
        ValueError: if the page does not mark where they stand.
    """
    first, last = BEGIN.format(name), END.format(name)
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"no place for the {name} between {first!r} and {last!r}")
    return f"{before}{first}\n\n{tables}\n\n{last}{after}"


def problems() -> Iterator[str]:
    """What is wrong with the documentation, one sentence each."""
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        where = page.relative_to(ROOT)
        yield from (f"{where}: {problem}" for problem in _link_problems(page, text))
        for block in BLOCK.findall(text):
            for line in _commands(block):
                problem = _command_problem(line, targets)
                if problem:
                    yield f"{where}: `{line}`: {problem}"


def _link_problems(page: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            yield f"link to {link}, which does not exist"
        elif heading and heading not in _anchors(target.read_text()):
            yield f"link to {link}: no such heading"


def _anchors(text: str) -> set[str]:
    """Names of headings as the usual renderers make them."""
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in HEADING.findall(text)}


def _commands(block: str) -> Iterator[str]:
    for raw in block.replace("\\\n", " ").splitlines():
        line = re.sub(r"^(\$ )?(\.venv/bin/)?", "", raw.strip())
        if line.startswith(("lowsky ", "make ")):
            yield line


def _command_problem(line: str, targets: set[str]) -> str:
    words = shlex.split(line.split("|")[0], comments=True)
    if words[0] == "make":
        wrong = [w for w in words[1:] if "=" not in w and w not in targets]
        return f"no target {wrong[0]!r}" if wrong else ""
    if words[1].startswith("-") or words[-1] == "--help" or words[1].isupper():
        return ""
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            command_parser(words[1]).parse_args(words[2:])
    except InputError as error:
        return str(error)
    except SystemExit:
        return errors.getvalue().strip().splitlines()[-1]
    return ""


def main() -> int:
    """Write or check; the exit status is 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="Write and check the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    found = []
    schema = json.dumps(json_schema(), indent=1) + "\n"
    written = {
        REFERENCE: reference(),
        SCHEMA: schema,
        MQTT_SCHEMA: json.dumps(mqtt_schema(), indent=1) + "\n",
        TRACKING: with_tables(TRACKING.read_text(), "settings", settings_tables()),
        WARNINGS: with_tables(WARNINGS.read_text(), "rules", rules_table()),
        SERVE: with_tables(SERVE.read_text(), "metrics", metrics_table()),
    }
    for page, text in written.items():
        if not check:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            found.append(f"{page.relative_to(ROOT)} is not what the code says: run `make docs`")
    found += problems()
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"documentation: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
