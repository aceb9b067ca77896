"""Whether a strategy decides by what it sees and declares, and by nothing else [D1, D3, E5].

What it decides: which replays have to give the same Intents. A strategy is run once on a small made
market against the simulated venue; the Events of that run are then given to

* fresh objects in this process: time, randomness and what objects share show here [D1];
* a fresh object that goes on from the middle with the State of the first: what is remembered
  beside the declared memory shows here [D3];
* fresh processes with other hash seeds and time zones: the order of sets, addresses, the
  environment show here [E5].

All decision records are compared, the first that differs is named with its Event.

`python -m tickproof.invariants.strategy_conformance` is the fresh process: it reads one JSON object
from stdin and writes one to stdout.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from tickproof.invariants.driving import (
    Drive,
    SimulatedVenueAdapter,
    configuration_for,
    market,
)
from tickproof.invariants.findings import Finding, described, described_record
from tickproof.kernel.kernel import Kernel
from tickproof.spec.configuration import Configuration
from tickproof.spec.decoding import decode
from tickproof.spec.digest import encode
from tickproof.spec.errors import ObligationSkipped
from tickproof.spec.events import Event, body_of, payload
from tickproof.spec.outputs import Record, RecordKind
from tickproof.spec.state import State
from tickproof.spec.strategy import Strategy

StrategyFactory = Callable[[], Strategy]

TOPICS = ("contract", "replays", "memory", "processes")
"""What is checked; each finding is of one of these."""

ENVIRONMENTS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "20240719", "TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8"},
)
"""What the fresh processes differ in."""

ENVELOPE = ("kind", "event_time_ns", "capture_time_ns", "source", "sequence", "epoch")
"""Fields of an Event before its payload, as a fresh process is told them."""

SECONDS_MAX = 120
"""How long a fresh process may take."""

Steps = list[tuple[Record, ...]]
"""Decision records by position."""


class Unloadable(Exception):
    """A name that leads to no factory."""


@frozen
class Case:
    """The world a strategy is checked in: what it makes of `events` is compared.

    `events`: None to have them made, `turns` market Events of instrument 0 around `price`. A
    strategy that decides nothing there has shown nothing, which is a finding unless `may_be_idle`.
    """

    configuration: Configuration | None = None
    events: tuple[Event, ...] | None = None
    price: int = 10_000
    turns: int = 400
    seed: int = 1
    may_be_idle: bool = False


@frozen
class StrategyReport:
    """Findings, none when all replays agree; Intents and timers compared, replays made."""

    findings: tuple[Finding, ...]
    decisions: int
    positions: int
    replays: int


# --- finding it ----------------------------------------------------------------------------------


def load(name: str) -> Any:
    """What `module:attribute` or `path/file.py:attribute` names; raises `Unloadable`."""
    place, separator, attribute = name.rpartition(":")
    if not separator:
        raise Unloadable(f"{name!r} is not module:attribute or file.py:attribute")
    try:
        module = (
            _from_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        )
    except ImportError as error:
        raise Unloadable(f"{name!r}: {error}") from error
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise Unloadable(f"{name!r}: {place} has no {attribute}")
        found = getattr(found, part)
    return found


def _from_file(path: Path) -> Any:
    name = f"_tickproof_conformance_{path.stem}"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", "") == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# --- replays -------------------------------------------------------------------------------------


def replayed(kernel: Kernel, events: Sequence[Event]) -> Steps:
    """The records a kernel makes of Events; shorter where an obligation of its own stops it."""
    steps: Steps = []
    for event in events:
        try:
            kernel.step(event)
        except ObligationSkipped:
            break
        steps.append(tuple(kernel.records))
    return steps


def made_stream(case: Case, make: StrategyFactory) -> tuple[Configuration, list[Event]]:
    """The Configuration, and Events: given, or those of a run against the simulated venue."""
    strategy = make()
    configuration = case.configuration
    if configuration is None:
        configuration = configuration_for(strategy)
    if case.events is not None:
        return configuration, list(case.events)
    drive = Drive(Kernel(configuration, (strategy,)), SimulatedVenueAdapter())
    drive.start()
    for event in market(case.seed, case.turns, case.price):
        drive.turn(event)
    drive.stop(1_000_000_000)
    return configuration, drive.applied


def check_strategy(
    make: StrategyFactory, name: str = "", case: Case | None = None
) -> StrategyReport:
    """Replay fresh strategies and say where they differ.

    `name`: as `load` takes it, by which fresh processes find the factory; without one they are
    left out. What `make` raises passes through.
    """
    chosen = case if case is not None else getattr(make, "case", Case())
    try:
        configuration, events = made_stream(chosen, make)
        kernel = Kernel(configuration, (make(),))
    except TypeError as error:
        text = f"cannot be owned by State: {error}"
        return StrategyReport((Finding("contract", "D3", text, name or "the strategy"),), 0, 0, 0)
    middle = len(events) // 2
    expected = replayed(kernel, events[:middle])
    state = kernel.state()
    expected += replayed(kernel, events[middle:])
    findings = _contract(chosen, events, expected, kernel)
    found = [
        _difference("replays", "D1", "a fresh object", expected, events, steps)
        for steps in (replayed(Kernel(configuration, (make(),)), events) for _ in range(2))
    ]
    found.append(_resumed(configuration, make, state, expected, events))
    if name:
        found += [
            _elsewhere(name, configuration, environment, expected, events)
            for environment in ENVIRONMENTS
        ]
    findings += [each for each in found if each is not None]
    decisions = sum(_decides(record) for records in expected for record in records)
    return StrategyReport(tuple(findings), decisions, len(events), len(found))


def _decides(record: Record) -> bool:
    return record[0] in (RecordKind.INTENT, RecordKind.TIMER)


def _contract(case: Case, events: list[Event], steps: Steps, kernel: Kernel) -> list[Finding]:
    """It does not fail, and it does something."""
    found = []
    for position, records in enumerate(steps):
        if any(record[0] == RecordKind.STRATEGY_FAILED for record in records):
            text = f"fails: {type(kernel.failure).__name__}: {kernel.failure}"
            where = f"position {position}, {described(events[position])}"
            found.append(Finding("contract", "F4", text, where))
            break
    acts = any(_decides(record) for records in steps for record in records)
    if not acts and not case.may_be_idle:
        text = "decides nothing on this market, so nothing was compared: give it a Case of its own"
        found.append(Finding("contract", "D1", text, f"{len(events)} Events"))
    return found


def _resumed(
    configuration: Configuration,
    make: StrategyFactory,
    state: State,
    expected: Steps,
    events: list[Event],
) -> Finding | None:
    """A fresh object goes on from the middle with the State of another."""
    middle = len(events) // 2
    kernel = Kernel(configuration, (make(),))
    kernel.load(state)
    steps = expected[:middle] + replayed(kernel, events[middle:])
    who = f"a fresh object that goes on from State at position {middle}"
    return _difference("memory", "D3", who, expected, events, steps)


def _difference(
    topic: str, requirement: str, who: str, expected: Steps, events: list[Event], got: Steps
) -> Finding | None:
    """The first record that differs, with its Event."""
    for position, event in enumerate(events):
        was = expected[position] if position < len(expected) else None
        now = got[position] if position < len(got) else None
        if was == now:
            continue
        where = f"position {position}, {described(event)}"
        text = f"{who} decides otherwise: expected {_shown(was, now)}, got {_shown(now, was)}"
        return Finding(topic, requirement, text, where)
    return None


def _shown(these: tuple[Record, ...] | None, those: tuple[Record, ...] | None) -> str:
    """The first record that the others do not have in its place."""
    if these is None:
        return "a ControlTime first: a timer of its own is due"
    others = those or ()
    for index, record in enumerate(these):
        if index >= len(others) or others[index] != record:
            return described_record(record)
    return "no further record"


# --- fresh processes -----------------------------------------------------------------------------


def _elsewhere(
    name: str,
    configuration: Configuration,
    environment: Mapping[str, str],
    expected: Steps,
    events: list[Event],
) -> Finding | None:
    said = ", ".join(f"{key}={value}" for key, value in environment.items())
    who = f"a fresh process with {said}"
    task = {
        "strategy": name,
        "configuration": encode(configuration).hex(),
        "events": [
            (*(getattr(each, stamp) for stamp in ENVELOPE), *payload(each.body)) for each in events
        ],
    }
    path = os.pathsep.join(each or os.getcwd() for each in sys.path)  # noqa: PTH109
    done = subprocess.run(
        [sys.executable, "-m", "tickproof.invariants.strategy_conformance"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
        env={**os.environ, **environment, "PYTHONPATH": path},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Finding("processes", "E5", f"{who} ends with {last}", name)
    steps: Steps = [
        tuple(tuple(record) for record in records) for records in json.loads(done.stdout)
    ]
    return _difference("processes", "E5", who, expected, events, steps)


def answer(task: Mapping[str, Any]) -> list[list[list[int]]]:
    """What the fresh process does: the records of a replay, by position."""
    configuration = decode(bytes.fromhex(task["configuration"]), Configuration)
    events = []
    for kind, event_time_ns, capture_time_ns, source, sequence, epoch, *values in task["events"]:
        stamps = (event_time_ns, capture_time_ns, source, sequence, epoch)
        events.append(Event(*stamps, body_of(kind, tuple(values))))
    kernel = Kernel(configuration, (load(task["strategy"])(),))
    return [[list(record) for record in records] for records in replayed(kernel, events)]


def main() -> None:
    """Read a task from stdin, write its records to stdout; what the strategy prints goes aside."""
    task = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    out.write(json.dumps(answer(task)))
    out.flush()


if __name__ == "__main__":
    main()
