"""The command line's frame: commands are found late, errors are one sentence, help is complete, its examples parse."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

from lowsky import __version__
from lowsky.cli import main as cli
from lowsky.model.errors import InputError

RunFunction = Callable[[argparse.Namespace], int]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[RunFunction], None]:
    """Put a command `fake` with the given `run` in the place of all others."""

    def put(run: RunFunction) -> None:
        def add_arguments(parser: argparse.ArgumentParser) -> None:
            parser.add_argument("--value", type=int, default=0)

        module = SimpleNamespace(SUMMARY="do nothing", add_arguments=add_arguments, run=run)
        monkeypatch.setattr(cli, "COMMANDS", {"fake": "fake_command"})
        monkeypatch.setitem(sys.modules, "fake_command", cast(ModuleType, module))

    return put


def _raise(error: BaseException) -> RunFunction:
    def run(args: argparse.Namespace) -> int:
        raise error

    return run


def _lowsky(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lowsky", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_status_and_arguments_reach_the_command(command: Callable[[RunFunction], None]) -> None:
    command(lambda args: int(args.value))
    assert cli.main(["fake", "--value", "7"]) == 7
    assert cli.main(["fake"]) == 0


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InputError("plots.csv: row 3 is bad"), 2, "lowsky: plots.csv: row 3 is bad\n"),
        (FileNotFoundError(2, "No such file or directory", "some/file"), 2, "some/file: No such file"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_errors_are_one_sentence(
    command: Callable[[RunFunction], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    command(_raise(error))
    assert cli.main(["fake"]) == status
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_defects_of_lowsky_are_not_hidden(command: Callable[[RunFunction], None]) -> None:
    command(_raise(RuntimeError("defect")))
    with pytest.raises(RuntimeError, match="defect"):
        cli.main(["fake"])
    command(_raise(OSError("without a file")))
    with pytest.raises(OSError, match="without a file"):
        cli.main(["fake"])


def test_warnings_are_notices(command: Callable[[RunFunction], None], capsys: pytest.CaptureFixture[str]) -> None:
    import warnings

    def run(args: argparse.Namespace) -> int:
        warnings.simplefilter("always")
        warnings.warn("the cache is elsewhere", RuntimeWarning, stacklevel=1)
        return 0

    command(run)
    assert cli.main(["fake"]) == 0
    assert capsys.readouterr().err == "lowsky: notice: the cache is elsewhere\n"


def test_unknown_command_offers_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trak"]) == 2
    assert "did you mean 'track'?" in capsys.readouterr().err
    assert cli.main(["xyzzy"]) == 2
    assert "commands are track, score" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"lowsky {__version__}\n"
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert f"\n  {name} " in text
    assert cli.main([]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_an_example_that_parses(name: str) -> None:
    parser = cli.command_parser(name)
    lines = [line.strip() for line in (parser.epilog or "").splitlines()]
    examples = [shlex.split(line)[2:] for line in lines if line.startswith(f"lowsky {name}")]
    assert examples
    for words in examples:
        parser.parse_args(words)
    summary = cli.load_command(name).SUMMARY
    assert summary
    assert "\n" not in summary
    assert not summary.endswith(".")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lowsky.cli.main import main; main(['--help']);"
        "print([m for m in ('numpy', 'numba', 'pyarrow', 'matplotlib', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "lowsky", "--help"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == ""


def test_bad_arguments_end_with_status_2() -> None:
    done = _lowsky("warm", "--nonsense")
    assert done.returncode == 2
    assert "--nonsense" in done.stderr
    assert "Traceback" not in done.stderr
