"""Conformance: what conforms passes, each thing that does not is named by rule and requirement."""

import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from attrs import evolve

from tests.invariants import conformance_cases as cases
from tickproof.invariants.driving import (
    START_NS,
    Profile,
    SimulatedVenueAdapter,
    configuration_for,
    market,
)
from tickproof.invariants.findings import Finding, described, described_record, told
from tickproof.invariants.strategy_conformance import Case, Unloadable, check_strategy, load
from tickproof.invariants.venue_conformance import TOPICS, AdapterReport, check_adapter
from tickproof.runtime.strategies.quoter import Quoter
from tickproof.spec.events import Event, EventKind, Execution
from tickproof.spec.order_life import TABLE
from tickproof.spec.requirements import REQUIREMENTS

PROJECT = Path(__file__).resolve().parents[2]
CASES = str(Path(cases.__file__).resolve())
PLUGIN = "tickproof.invariants.plugin"

# --- adapters ------------------------------------------------------------------------------------


@pytest.mark.parametrize("latency_ns", [7_000_000, 300_000_000])
def test_the_simulated_venue_conforms(latency_ns: int) -> None:
    profile = Profile(order_types=(1, 2, 3), times_in_force=(1, 2, 3), runs=2)
    report = check_adapter(lambda: SimulatedVenueAdapter(latency_ns=latency_ns), profile)
    assert told(report.findings) == ""
    assert report.requests > 30
    assert "OL.WORKING.FILLED.fill_fresh" in report.rows
    assert "OL.WORKING.REPLACED.open_same_leg" in report.rows


@pytest.mark.parametrize(
    ("bad", "topic", "requirement", "rule"),
    cases.BAD_ADAPTERS,
    ids=[each[0].__name__ for each in cases.BAD_ADAPTERS],
)
def test_an_adapter_that_does_not_conform_is_told_why(
    bad: type[cases.Adapter], topic: str, requirement: str, rule: str
) -> None:
    report = check_adapter(bad)
    known = {each.id for each in REQUIREMENTS}
    rules = {each.id for each in TABLE.rules}
    for finding in report.findings:
        assert finding.topic in TOPICS
        assert finding.requirement in known
        assert finding.rule == "" or finding.rule in rules or finding.rule.startswith("FL.")
    named = {(each.topic, each.requirement, each.rule) for each in report.findings}
    assert (topic, requirement, rule) in named


def test_what_a_profile_tolerates_is_no_finding() -> None:
    assert check_adapter(cases.SaysFillsTwiceAndMayDoSo).findings == ()
    strict = evolve(cases.SaysFillsTwiceAndMayDoSo.profile, tolerated=())
    assert check_adapter(cases.SaysFillsTwiceAndMayDoSo, strict).findings


def test_a_fill_that_is_only_reported_late_is_none_either() -> None:
    report = check_adapter(cases.ReportsLateFills)
    assert told(report.findings) == ""
    assert "OL.CANCELED.FILLED.fresh_and_final" in report.rows


def test_a_doubt_that_is_settled_is_no_finding() -> None:
    report = check_adapter(cases.SettlesDoubts)
    assert told(report.findings) == ""
    assert "OL.WORKING.OUTCOME_UNKNOWN.answers_pending" in report.rows


def test_two_checks_say_the_same() -> None:
    def once() -> AdapterReport:
        return check_adapter(cases.Overfills)

    assert once() == once()


def test_the_made_market_is_a_market() -> None:
    events = list(market(3, 300, 10_000))
    stamps = [event.capture_time_ns for event in events]
    assert stamps == sorted(stamps)
    assert stamps[0] > START_NS
    kinds = {event.kind for event in events}
    assert kinds == {EventKind.BOOK_SNAPSHOT, EventKind.BOOK_DELTA, EventKind.TRADE, EventKind.BAR}
    assert events == list(market(3, 300, 10_000)) != list(market(4, 300, 10_000))


# --- strategies ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_built_in_strategies_conform() -> None:
    name = "tickproof.runtime.strategies.quoter:Quoter"
    report = check_strategy(Quoter, name, Case(turns=150))
    assert told(report.findings) == ""
    assert report.decisions > 50
    assert report.replays == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bad", "topic", "requirement"),
    cases.BAD_STRATEGIES,
    ids=[each[0].__name__ for each in cases.BAD_STRATEGIES],
)
def test_a_strategy_that_does_not_conform_is_told_why(
    bad: type[cases.Trader], topic: str, requirement: str
) -> None:
    random.seed(5)
    cases.SharesAmongAll.shared.clear()
    name = f"{CASES}:{bad.__name__}" if topic == "processes" else ""
    report = check_strategy(bad, name, Case(turns=100))
    assert (topic, requirement) in {(each.topic, each.requirement) for each in report.findings}
    if topic == "processes":
        assert {each.topic for each in report.findings} == {"processes"}


def test_the_trader_that_all_bad_ones_are_made_of_conforms() -> None:
    report = check_strategy(cases.Trader, case=Case(turns=150))
    assert told(report.findings) == ""


def test_a_difference_names_position_event_and_both_decisions() -> None:
    random.seed(1)
    text = told(check_strategy(cases.ByChance, case=Case(turns=150)).findings)
    assert "[D1] a fresh object decides otherwise: expected INTENT(strategy=0" in text
    assert "got INTENT(strategy=0" in text
    assert "position " in text


def test_a_stream_of_ones_own_is_used_as_it_is() -> None:
    events = tuple(market(9, 40, 500))
    configuration = configuration_for(cases.Trader())
    case = Case(configuration, events, may_be_idle=True)
    report = check_strategy(cases.Trader, case=case)
    assert report.findings == ()
    assert (report.positions, report.decisions) == (40, 0)  # no session was started


@pytest.mark.slow
def test_what_a_fresh_process_cannot_run_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "here.py"
    path.write_text("from missing_module import Strategy\n")
    report = check_strategy(cases.Trader, f"{path}:Strategy", Case(turns=30))
    assert [each.topic for each in report.findings] == ["processes", "processes"]
    assert "missing_module" in told(report.findings)


@pytest.mark.parametrize(
    "name", ["nothing", "no.such.module:X", "json:nothing_there", "no_file.py:X", f"{CASES}:No"]
)
def test_names_that_lead_nowhere(name: str) -> None:
    with pytest.raises(Unloadable):
        load(name)


# --- what is said --------------------------------------------------------------------------------


def test_findings_of_one_kind_are_counted_not_repeated() -> None:
    text = told(Finding("fills", "OL3", f"finding {n}", "here") for n in range(9))
    assert text.count("finding") == 5
    assert "and 4 more of this kind" in text
    assert told([]) == ""


def test_events_and_records_read_by_name() -> None:
    event = Event(5, 6, 1, 2, 0, Execution(23, 0, 0, 7, quantity=3, price=11))
    assert described(event).startswith("FILLED(order_id=7, price=11, quantity=3,")
    assert described_record((8, 0, 4, 7, 5)) == (
        "INTENT_CLOSED(strategy=0, intent_id=4, order_id=7, outcome=5)"
    )


# --- the plugin ----------------------------------------------------------------------------------


def run_pytest(folder: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """pytest in a process and folder of its own, with this plugin and no other."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(path for path in [*sys.path, str(PROJECT)] if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    start = ["-c", code] if code else ["-m", "pytest"]
    command = [sys.executable, *start, "-p", PLUGIN, "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


LOADED = """
import sys, pytest
code = pytest.main(sys.argv[1:])
roots = ("tickproof", "hypothesis", "attr", "attrs", "sortedcontainers")
print("LOADED", sorted(name for name in sys.modules if name.partition(".")[0] in roots))
sys.exit(code)
"""


@pytest.mark.slow
def test_without_the_option_nothing_is_imported(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    done = run_pytest(tmp_path, "-q", code=LOADED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    loaded = done.stdout.partition("LOADED ")[2].strip()
    assert loaded == str(["tickproof", "tickproof.invariants", PLUGIN])


def test_the_plugin_finds_what_the_ini_names(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\ntickproof_venue_adapter =\n    {CASES}:Overfills\n    {CASES}:Adapter\n"
    )
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    done = run_pytest(tmp_path, "-v", "--tickproof-conformance", code=LOADED)
    assert done.returncode == 1
    assert "'tickproof.invariants.venue_conformance'" in done.stdout
    assert "hypothesis" not in done.stdout.partition("LOADED")[2]
    assert f"tickproof venue_adapter {CASES}:Overfills::fills FAILED" in done.stdout
    assert f"tickproof venue_adapter {CASES}:Adapter::fills PASSED" in done.stdout
    assert "[OL3 OL.WORKING.FILLED.fill_fresh] fills 5" in done.stdout
    assert "Traceback" not in done.stdout
    assert "rows reached: OL.SUBMITTED.ACCEPTED.answers_open" in done.stdout


@pytest.mark.slow
def test_the_plugin_takes_hooks_and_options(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.invariants import conformance_cases as cases\n"
        "def pytest_tickproof_strategies(config):\n"
        "    return [('mine', cases.RemembersOnItself)]\n"
        "def pytest_tickproof_venue_adapters(config):\n"
        "    return [('venue', cases.Adapter)]\n"
    )
    options = ("--tickproof-conformance", "--tickproof-strategy", "nowhere:Nothing")
    done = run_pytest(tmp_path, "-v", *options)
    assert done.returncode == 1
    for line in (
        "tickproof venue_adapter venue::lifecycle PASSED",
        "tickproof strategy mine::memory FAILED",
        "tickproof strategy mine::replays PASSED",
        "tickproof strategy nowhere:Nothing::contract FAILED",
        "'nowhere:Nothing': No module named 'nowhere'",
        "[D3] a fresh object that goes on from State at position",
    ):
        assert line in done.stdout


@pytest.mark.slow
def test_the_option_without_anybody_to_check_is_an_error(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--tickproof-conformance")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "name a venue adapter or a strategy" in done.stderr


def test_the_plugin_is_an_entry_point() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # Called as the module is, so that `-p` beside an installed tickproof is the same plugin.
    assert project["entry-points"]["pytest11"] == {PLUGIN: PLUGIN}
    assert {each.partition(">")[0] for each in project["optional-dependencies"]["conformance"]} == {
        "hypothesis",
        "pytest",
    }
