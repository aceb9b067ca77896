"""Equal inputs give equal digests in every process; another input gives another digest [E5]."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runtime import worlds
from tickproof.runtime.backtest import run_backtest
from tickproof.runtime.settings import DEFAULTS

LINES = 5_000
DIGESTS = ("digest", "state_digest", "dataset_hash", "config_hash", "strategy_hash")
CHANGES: dict[str, Any] = {"latency": "1ms", "feed_latency": "1ms", "taker_fee": "0.0004"}
OPTIONS = ("--latency", "1ms", "--feed-latency", "1ms", "--taker-fee", "0.0004")
"""The same as flags."""


def first_lines(source: Path, target: Path, count: int) -> Path:
    with gzip.open(source, "rb") as stream:
        lines = [next(stream) for _ in range(count)]
    target.write_bytes(gzip.compress(b"".join(lines), mtime=0))
    return target


ENVIRONMENTS: tuple[tuple[list[str], dict[str, str]], ...] = (
    ([], {"PYTHONHASHSEED": "0", "LC_ALL": "C", "LANG": "C"}),
    ([], {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"}),
    (["-O"], {"PYTHONHASHSEED": "random", "TZ": "America/St_Johns"}),
    (["-OO"], {"PYTHONHASHSEED": "random"}),
)
"""Interpreter options and variables of processes that must agree."""


def in_a_process(log: Path, options: list[str], variables: dict[str, str]) -> dict[str, Any]:
    inherited = {key: value for key, value in os.environ.items() if "TICKPROOF" not in key}
    inherited.pop("PYTHONHASHSEED", None)
    inherited["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    inherited["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, *options, "-m", "tickproof.runtime.cli", "backtest", str(log)]
    done = subprocess.run(
        [*command, "--json", *OPTIONS],
        capture_output=True,
        text=True,
        check=True,
        env={**inherited, **variables},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def agrees(log: Path, options: list[str], variables: dict[str, str]) -> None:
    here = run_backtest(log, DEFAULTS, **CHANGES).summary
    there = in_a_process(log, options, variables)
    assert here["requests"] > 0
    assert {key: there[key] for key in DIGESTS} == {key: here[key] for key in DIGESTS}


def test_digests_of_a_made_log_are_equal_in_another_process(tmp_path: Path) -> None:
    agrees(worlds.long_log(tmp_path / "log.gz", 400), *ENVIRONMENTS[2])


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
def test_digests_of_a_real_log_are_equal_in_every_process(
    tmp_path: Path, data_dir: Path, environment: tuple[list[str], dict[str, str]]
) -> None:
    source = data_dir / "hftbacktest" / "usdm_btcusdt_20240718.gz"
    agrees(first_lines(source, tmp_path / "log.gz", LINES), *environment)


# --- one input changed ---------------------------------------------------------------------------


def digest_of(log: Path, **changes: Any) -> dict[str, Any]:
    return dict(run_backtest(log, DEFAULTS, check_ticker=False, **changes).summary)


@pytest.mark.parametrize(
    "changes",
    [
        {"param": {"size": 2}},
        {"param": {"maximum_position": 10**6}},
        {"maker_fee": "0.00000001"},
        {"balance_quote": "1000000001"},
        {"strategy": "ema-cross"},
        {"on_strategy_error": "disable"},
        {"cancel_deadline": "1001ms"},
    ],
    ids=str,
)
def test_a_changed_parameter_changes_the_digest(tmp_path: Path, changes: dict[str, Any]) -> None:
    log = worlds.long_log(tmp_path / "log.gz")
    base, other = digest_of(log), digest_of(log, **changes)
    assert base["digest"] != other["digest"]
    assert base["config_hash"] != other["config_hash"]


@pytest.mark.parametrize(
    "changes", [{"latency": "1ms"}, {"feed_latency": "1ms"}, {"fill_model": "optimistic"}], ids=str
)
def test_another_venue_is_another_configuration(tmp_path: Path, changes: dict[str, Any]) -> None:
    """The simulated venue is no part of the kernel's Configuration, but of the run's."""
    log = worlds.long_log(tmp_path / "log.gz")
    assert digest_of(log)["config_hash"] != digest_of(log, **changes)["config_hash"]


def edited(line: int, old: str, new: str) -> Callable[[Path], None]:
    def change(log: Path) -> None:
        lines = gzip.decompress(log.read_bytes()).splitlines(keepends=True)
        assert old.encode() in lines[line]
        lines[line] = lines[line].replace(old.encode(), new.encode(), 1)
        log.write_bytes(gzip.compress(b"".join(lines)))

    return change


@pytest.mark.parametrize(
    "change",
    [
        edited(0, '"1.000"', '"1.001"'),
        edited(50, '.000"', '.001"'),
        edited(3, "9.000", "9.001"),
        edited(-1, '"T":17', '"T":16'),
    ],
    ids=["a snapshot's size", "a diff's size", "a print's size", "the last stamp"],
)
def test_one_changed_input_changes_the_digest(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    log = worlds.long_log(tmp_path / "log.gz")
    base = digest_of(log)
    change(log)
    other = digest_of(log)
    assert base["digest"] != other["digest"]
    assert base["dataset_hash"] != other["dataset_hash"]


def test_how_a_file_is_packed_or_called_is_no_input(tmp_path: Path) -> None:
    """D7: a dataset's hash and its place are outside both digests."""
    log = worlds.long_log(tmp_path / "log.gz")
    base = digest_of(log)
    other = tmp_path / "another name.log"
    other.write_bytes(gzip.compress(gzip.decompress(log.read_bytes()), compresslevel=1))
    again = digest_of(other)
    assert base["dataset_hash"] != again["dataset_hash"]
    assert (base["digest"], base["state_digest"]) == (again["digest"], again["state_digest"])
