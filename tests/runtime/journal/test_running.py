"""A run with a journal: stopped anywhere it comes back, and its Events give its digests again."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve, frozen

from tests.runtime import worlds
from tests.runtime.journal.matrix.crash import told_until_killed
from tests.runtime.journal.scenarios import IDENTITY, PLACE
from tests.runtime.journal.simulated import FaultyStorage, SimulatedDisk
from tickproof.kernel.kernel import Kernel
from tickproof.kernel.snapshot import take, to_bytes
from tickproof.runtime.backtest import Result, run_backtest
from tickproof.runtime.errors import InputError
from tickproof.runtime.journal import backtests, folders
from tickproof.runtime.journal.backtests import (
    Run,
    begin,
    replay_journal,
    resume,
    run_of,
    state_at_end,
)
from tickproof.runtime.journal.folders import BACKENDS, create, open_journal
from tickproof.runtime.journal.log import Journal, Store
from tickproof.runtime.journal.refusing import FolderRefusal, JournalRefused
from tickproof.runtime.journal.running import columns_of, feed, replayed, restored
from tickproof.runtime.journal.storage import FileStorage
from tickproof.runtime.settings import Settings
from tickproof.spec.journal import RecoveryRefusal
from tickproof.spec.stream import EventColumns

# A worker of the test runner has a thread of its own; what is forked here uses none of it.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

MESSAGES = 200
EVERY = 100
DIGESTS = ("digest", "state_digest", "positions")


@frozen
class Whole:
    """A run that nothing stopped, and its journal."""

    settings: Settings
    result: Result
    folder: Path
    run: Run
    events: EventColumns

    @property
    def digests(self) -> list[object]:
        return [self.result.summary[name] for name in DIGESTS]

    def kernel(self) -> Kernel:
        return Kernel(self.run.configuration, (self.run.strategy.strategy,))

    def after(self, count: int) -> Kernel:
        """The kernel after the first so many events."""
        kernel = self.kernel()
        feed(kernel, self.events.slice(0, count))
        return kernel


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    place = tmp_path_factory.mktemp("runs")
    log = worlds.long_log(place / "log.gz", MESSAGES)
    settings = Settings(data={"": (str(log),)}, strategy=worlds.GAMBLER, latency="1ms")
    result, acknowledged = begin(place / "journal", settings, snapshot_every=EVERY)
    assert acknowledged == result.summary["positions"]
    assert result.summary["requests"] > 20
    store = open_journal(place / "journal")
    events = columns_of(store)
    store.close()
    return Whole(settings, result, place / "journal", run_of(place / "journal"), events)


def test_a_journal_changes_nothing_of_a_run(whole: Whole) -> None:
    plain = run_backtest(dict(whole.settings.data), whole.settings, keep_stream=True)
    assert [plain.summary[name] for name in DIGESTS] == whole.digests
    assert plain.stream is not None
    for name in EventColumns.__slots__:
        assert getattr(plain.stream, name) == getattr(whole.events, name)


def test_a_journal_replayed_gives_the_digests_of_the_run(whole: Whole) -> None:
    found = replay_journal(whole.folder)
    assert [found.digest, found.state_digest, found.positions] == whole.digests
    assert found.snapshots == 2


def test_a_finished_run_is_resumed_to_the_same_end(whole: Whole) -> None:
    result, acknowledged = resume(whole.folder)
    assert [result.summary[name] for name in DIGESTS] == whole.digests
    assert acknowledged == whole.digests[-1]


# --- killed --------------------------------------------------------------------------------------


def killed_run(whole: Whole, folder: Path, at: int) -> bool:
    """The run in a process of its own, killed at a call of its storage; whether it came to that."""

    def die(call: str, name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def act(_tell: Callable[[int], None]) -> None:
        def faulty(path: Path, *, create: bool = False) -> FaultyStorage:
            return FaultyStorage(FileStorage(path, create=create), at, die)

        vars(folders)["FileStorage"] = faulty
        begin(folder, whole.settings, snapshot_every=EVERY)

    return told_until_killed(act)[1]


@pytest.mark.parametrize("at", [15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 30])
def test_a_killed_run_comes_back_and_ends_as_if_nothing_had_been(
    whole: Whole, tmp_path: Path, at: int
) -> None:
    folder = tmp_path / "journal"
    assert killed_run(whole, folder, at)
    kernel, _ = state_at_end(folder)
    expected = whole.after(kernel.position)
    assert kernel.state_digest() == expected.state_digest()
    assert kernel.chain_digest() == expected.chain_digest()
    result, acknowledged = resume(folder)
    assert [result.summary[name] for name in DIGESTS] == whole.digests
    assert acknowledged == whole.digests[-1]
    found = replay_journal(folder)
    assert [found.digest, found.state_digest, found.positions] == whole.digests


@pytest.mark.parametrize("at", range(15))
def test_a_run_killed_before_it_has_a_journal_is_begun_again(
    whole: Whole, tmp_path: Path, at: int
) -> None:
    folder = tmp_path / "journal"
    assert killed_run(whole, folder, at)
    try:
        result, _ = begin(folder, whole.settings, snapshot_every=EVERY)
    except JournalRefused as refused:
        # It was killed after the last call of the creation: that one is gone on with.
        if refused.code != FolderRefusal.EXISTS:
            raise
        result, _ = resume(folder)
    assert [result.summary[name] for name in DIGESTS] == whole.digests


# --- restored ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_snapshot_and_tail_are_the_kernel_at_any_position(
    whole: Whole, tmp_path: Path, backend: str
) -> None:
    store = create(tmp_path / "journal", backend)
    kernel = whole.kernel()
    for start in range(0, 120, 8):
        feed(kernel, whole.events.slice(start, start + 8))
        store.append(whole.events, start, start + 8)
        if start % 40 == 32:
            store.keep_snapshot(to_bytes(take(kernel)))
        store.commit()
        again, tail = restored(store, whole.run.configuration, (whole.run.strategy.strategy,))
        assert tail <= 40
        assert again.state_digest() == kernel.state_digest()
        assert again.chain_digest() == kernel.chain_digest()
    store.close()


def test_a_snapshot_that_says_something_else_than_the_log_is_found_by_replay(
    whole: Whole, tmp_path: Path
) -> None:
    store = create(tmp_path / "journal")
    kernel = whole.kernel()
    feed(kernel, whole.events.slice(0, 20))
    store.append(whole.events, 0, 20)
    kernel.restarts += 1
    store.keep_snapshot(to_bytes(take(kernel)))
    strategies = (whole.run.strategy.strategy,)
    with pytest.raises(InputError, match="SNAPSHOT_FOREIGN, position 20"):
        replayed(store, whole.run.configuration, strategies)
    store.close()


def test_a_snapshot_of_other_code_is_refused(whole: Whole, tmp_path: Path) -> None:
    store = create(tmp_path / "journal")
    store.append(whole.events, 0, 20)
    store.keep_snapshot(to_bytes(take(whole.after(20))))
    configuration = whole.run.configuration
    other = evolve(configuration.strategies[0], code_identity="other")
    changed = evolve(configuration, strategies=(other,))
    with pytest.raises(InputError, match="OTHER_CODE"):
        restored(store, changed, (whole.run.strategy.strategy,))
    store.close()


# --- what has changed meanwhile ------------------------------------------------------------------


@pytest.fixture
def stopped(whole: Whole, tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    assert killed_run(whole, folder, 24)
    return folder


def test_a_run_that_makes_other_events_is_refused_at_the_first(
    stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(stopped)
    other = evolve(run, settings=evolve(run.settings, latency="2ms"))
    monkeypatch.setattr(backtests, "run_of", lambda *_: other)
    log = stopped / "segment-0000000000"
    before = log.read_bytes()
    with pytest.raises(InputError, match=r"position \d+: expected the Event that the journal"):
        resume(stopped)
    assert log.read_bytes() == before


def test_data_that_changed_is_refused(whole: Whole, stopped: Path) -> None:
    log = Path(whole.settings.data[""][0])
    before = log.read_bytes()
    try:
        log.write_bytes(before + b" ")
        with pytest.raises(InputError, match="sha256"):
            resume(stopped)
    finally:
        log.write_bytes(before)


def test_a_description_that_changed_is_another_journal(stopped: Path) -> None:
    path = stopped / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"1ms"', b'"2ms"', 1))
    with pytest.raises(InputError, match=RecoveryRefusal.SLOTS_FOREIGN.name):
        resume(stopped)


def test_a_journal_of_no_run_cannot_be_resumed(tmp_path: Path) -> None:
    create(tmp_path / "journal").close()
    with pytest.raises(InputError, match="what the journal is of"):
        resume(tmp_path / "journal")


# --- parity --------------------------------------------------------------------------------------


def one_by_one(whole: Whole, store: Store) -> Iterator[tuple[bytes, bytes]]:
    """As live: each event is journaled alone, acknowledged, and only then applied.

    Gives both digests at each position.
    """
    kernel = whole.kernel()
    for index in range(len(whole.events)):
        store.append(whole.events, index, index + 1)
        assert store.commit() == index + 1
        kernel.step(whole.events.event(index))
        yield kernel.chain_digest(), kernel.state_digest()


def test_a_stream_recorded_event_by_event_replays_to_equal_digests_at_each_position(
    whole: Whole,
) -> None:
    """P2: what was recorded while it happened is replayed as history."""
    disk = SimulatedDisk()
    live = list(one_by_one(whole, Journal.create(disk, PLACE, IDENTITY, segment_bytes=9_000)))
    disk.close()
    store = Journal.open(disk, PLACE)
    found: list[tuple[bytes, bytes]] = []
    kernel = replayed(
        store,
        whole.run.configuration,
        (whole.run.strategy.strategy,),
        lambda kernel: found.append((kernel.chain_digest(), kernel.state_digest())),
    )
    assert found == live
    assert kernel.state_digest().hex() == whole.result.state_digest
    # In batches of any size as well: every one ends at a digest of the live run.
    for size in (7, 64, len(whole.events)):
        again = whole.kernel()
        events = columns_of(store)
        for start in range(0, len(events), size):
            feed(again, events.slice(start, min(start + size, len(events))))
            assert (again.chain_digest(), again.state_digest()) == live[again.position - 1]
    store.close()


def test_one_strategy_object_serves_history_and_events_as_they_come(whole: Whole) -> None:
    """P3: the very same object, asked by turns, decides alike and remembers nothing itself."""
    strategy = whole.run.strategy.strategy
    history, live = whole.kernel(), whole.kernel()
    assert history.strategies[0].strategy is live.strategies[0].strategy is strategy
    for index in range(len(whole.events)):
        assert history.replay(whole.events, index, index + 1) == index + 1
        live.step(whole.events.event(index))
        assert history.records == live.records
        assert history.requests == live.requests
    assert history.state() == live.state()
    assert history.state_digest().hex() == whole.result.state_digest
