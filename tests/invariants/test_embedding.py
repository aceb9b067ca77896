"""The example that embeds the kernel: its own tests and the conformance checks pass as it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "examples" / "embedding"


def run_its_tests(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in the example's folder, with tickproof as it is here; `folder` for what it leaves."""
    roots = [str(PROJECT / each) for each in ("spec", "kernel", "invariants", "runtime")]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join([*roots, *(path for path in sys.path if path)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder),
    }
    plugin = ("-p", "tickproof.invariants.plugin", "-p", "no:cacheprovider")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *plugin, *arguments],
        cwd=EXAMPLE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_example_passes_its_tests_and_conforms(tmp_path: Path) -> None:
    done = run_its_tests(tmp_path, "--tickproof-conformance")
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "tests/test_session.py::test_no_predicate_breaks_on_the_way PASSED",
        "tests/test_streams.py::test_a_hostile_stream PASSED",
        "tests/test_machine.py::TestDesk::runTest PASSED",
        "tickproof venue_adapter desk.venue:PaperAdapter::answers PASSED",
        "tickproof strategy desk.strategy:Joiner::processes PASSED",
    ):
        assert line in done.stdout


def test_everything_the_example_says_of_itself_is_there() -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for name in ("desk/venue.py", "desk/strategy.py", "desk/session.py"):
        assert f"`{name}`" in text
        assert (EXAMPLE / name).is_file()
    for path in (EXAMPLE / "tests").glob("test_*.py"):
        assert f"`tests/{path.name}`" in text
