"""Recording a venue's streams: connect, keep what comes, connect again, and say what is missing.

Decides what happens between the socket and the files. One connection carries all streams of all
symbols. Its bytes wait in a bounded buffer for the writer; when that is full nothing more is read,
so the venue is held back by TCP and nothing is dropped in silence. A connection that ends, is
silent too long or talks nonsense is begun anew after a jittered, growing pause; each is an epoch,
and between two there is a gap on record. A snapshot is asked for whenever the book sync table
says that the recording could not be read without one [S2, E4].
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import random
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import websockets
from attrs import asdict, define, field, frozen

from tickproof.runtime.console import tell
from tickproof.runtime.recorder.clock import CaptureClock
from tickproof.runtime.recorder.following import Follower
from tickproof.runtime.recorder.storage import Folder, write_whole
from tickproof.runtime.recorder.venues import UNROUTED, Venue, snapshot_id, understood
from tickproof.runtime.recorder.writing import Line, Writer, note

MESSAGE_BYTES = 16 << 20
SOCKET_QUEUE = 64
TICK_SECONDS = 0.02
HTTP_SECONDS = 10.0
RETRY_AFTER_SECONDS = 60.0
SNAPSHOT_BYTES = 64 << 20


@frozen
class Options:
    """How to record. `duration_s` 0: until stopped. URLs "": the venue's own.

    `buffer_bytes`: what may wait to be written. `silence_s`: a connection that says nothing for
    so long is taken as dead. `backoff_s`, `backoff_limit_s`: first and longest pause before a
    connection is begun anew.
    """

    stream_url: str = ""
    rest_url: str = ""
    duration_s: float = 0.0
    rotate_bytes: int = 256 << 20
    rotate_s: float = 3_600.0
    buffer_bytes: int = 64 << 20
    silence_s: float = 30.0
    sync_s: float = 1.0
    backoff_s: float = 0.5
    backoff_limit_s: float = 30.0
    snapshot_interval_s: float = -1.0


@define
class Metrics:
    """Counters since the start; `buffered_bytes` and `in_sync` are of now."""

    messages: int = 0
    received_bytes: int = 0
    unrouted: int = 0
    connections: int = 0
    gaps: int = 0
    stalls: int = 0
    snapshots: int = 0
    snapshot_failures: int = 0
    clock_steps: int = 0
    files: int = 0
    buffered_bytes: int = 0
    buffered_bytes_most: int = 0
    in_sync: int = 0

    def text(self) -> str:
        """The text exposition format of Prometheus."""
        lines = [f"tickproof_recorder_{name} {value}\n" for name, value in asdict(self).items()]
        return "".join(lines)


class WriteFailed(Exception):
    """The files cannot be written any more; `lost`: messages that were received and not kept."""

    def __init__(self, error: OSError, lost: int) -> None:
        super().__init__(error, lost)
        self.error = error
        self.lost = lost


@define
class Buffer:
    """Lines that wait to be written, bounded by their bytes."""

    limit: int
    lines: list[Line] = field(factory=list)
    bytes: int = 0

    def add(self, line: Line) -> None:
        """Append a line."""
        self.lines.append(line)
        self.bytes += len(line[2]) + 32

    def take(self) -> list[Line]:
        """Everything that waits."""
        found, self.lines, self.bytes = self.lines, [], 0
        return found


class Recorder:
    """One recording of some symbols of one venue into one folder."""

    def __init__(
        self,
        venue: Venue,
        symbols: tuple[str, ...],
        folder: Folder,
        options: Options,
        clock: CaptureClock | None = None,
    ) -> None:
        self.venue = venue
        self.symbols = symbols
        self.options = options
        self.metrics = Metrics()
        self._clock = clock or CaptureClock()
        self._folder = folder
        self._url = venue.url(symbols, options.stream_url)
        self._writer = Writer(folder, venue, self._url, options.rotate_bytes, options.rotate_s)
        self._buffer = Buffer(options.buffer_bytes)
        self._room = asyncio.Event()
        self._room.set()
        self._stopping = asyncio.Event()
        self._followers = {symbol: Follower(venue.numbering) for symbol in symbols}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._asked = asyncio.Lock()
        self._latest_ns = 0
        self._connection: websockets.ClientConnection | None = None
        self._random = random.Random()  # noqa: S311 - jitter, no secret
        self._failure: OSError | None = None
        self._orders: list[Callable[[], None]] = []

    # --- life ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Finish: keep what has come, close the files."""
        self._stopping.set()

    async def run(self) -> Metrics:
        """Record until stopped or the duration is over; raises `WriteFailed`."""
        for name in self._writer.salvage(self._clock.now_ns()):
            tell(f"{name}: an earlier recorder did not end; its whole lines are kept")
        for symbol in self.symbols:
            for gap in self._writer.take_carried(symbol):
                self._tell_gap((symbol,), **gap)
        writing = asyncio.create_task(self._write_on())
        keeping = asyncio.create_task(self._keep_house())
        connecting = asyncio.create_task(self._connect_on())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self.options.duration_s or None)
        self._stopping.set()
        for task in (connecting, keeping, *self._asking.values()):
            task.cancel()
        await asyncio.gather(connecting, keeping, *self._asking.values(), return_exceptions=True)
        await writing
        if self._failure is not None:
            self._writer.abandon()
            raise WriteFailed(self._failure, len(self._buffer.lines))
        await asyncio.to_thread(self._close)
        return self.metrics

    def _close(self) -> None:
        self._writer.close()
        self.metrics.files = self._writer.files
        write_whole(self._folder.path / "metrics.prom", self.metrics.text())

    # --- connection ------------------------------------------------------------------------------

    async def _connect_on(self) -> None:
        """Connect, receive until it ends, pause, again."""
        failures = 0
        while True:
            reason = "closed"
            before = self.metrics.messages
            try:
                async with websockets.connect(
                    self._url,
                    max_size=MESSAGE_BYTES,
                    max_queue=SOCKET_QUEUE,
                    ping_interval=20,
                    ping_timeout=20,
                    open_timeout=10,
                    close_timeout=1,
                    compression=None,
                ) as connection:
                    self._begin_epoch(connection)
                    await self._receive(connection)
            except (OSError, websockets.WebSocketException, TimeoutError) as error:
                reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            self._end_epoch(reason)
            failures = 0 if self.metrics.messages > before else failures + 1
            longest = min(
                self.options.backoff_s * 2 ** min(failures, 16), self.options.backoff_limit_s
            )
            await asyncio.sleep(longest * self._random.uniform(0.5, 1.0))

    def _begin_epoch(self, connection: websockets.ClientConnection) -> None:
        self._connection = connection
        self.metrics.connections += 1
        epoch = self.metrics.connections
        now_ns = self._clock.now_ns()
        self._orders.append(lambda: self._writer.begin_epoch(epoch))
        if epoch > 1:
            self._tell_gap(self.symbols, self._latest_ns, now_ns, "connection lost", epoch=epoch)
        for symbol in self.symbols:
            self._own_line(symbol, note("connected", epoch=epoch))
        self._latest_ns = now_ns

    def _end_epoch(self, reason: str) -> None:
        """A connection ended or was not had; what was asked for it is of no use any more."""
        if self._connection is None:
            tell(f"no connection: {reason}")
            return
        self._connection = None
        tell(f"connection {self.metrics.connections} ended: {reason}")
        for task in self._asking.values():
            task.cancel()
        self._asking.clear()
        for symbol, follower in self._followers.items():
            follower.on_connection_lost()
            line = note("disconnected", epoch=self.metrics.connections, reason=reason)
            self._own_line(symbol, line)

    async def _receive(self, connection: websockets.ClientConnection) -> None:
        """Keep every message; stop reading while too much waits."""
        while True:
            raw = await connection.recv(decode=False)
            self._keep(raw)
            if self._buffer.bytes > self._buffer.limit:
                self.metrics.stalls += 1
                tell(f"{self._buffer.bytes} bytes wait to be written: reading is held back")
                self._room.clear()
                await self._room.wait()

    def _keep(self, raw: bytes) -> None:
        """One message as received, and what its numbers mean."""
        now_ns = self._latest_ns = self._clock.now_ns()
        self.metrics.messages += 1
        self.metrics.received_bytes += len(raw)
        message = understood(raw)
        follower = self._followers.get(message.symbol)
        if follower is None or b"\n" in raw:
            # A line break would make two lines of it: such bytes are kept in a form of their own.
            self.metrics.unrouted += 1
            held = note("unrouted", hex=raw.hex())
            self._buffer.add((UNROUTED, now_ns, held, False))
            return
        self._buffer.add((message.symbol, now_ns, raw, False))
        if message.diff is not None:
            last_id = follower.last_id
            if follower.on_diff(message.diff):
                fields = {"last_id": last_id, "first_id": message.diff.first_id}
                self._tell_gap((message.symbol,), now_ns, now_ns, "numbers missing", **fields)
            if follower.wants_snapshot:
                self._ask(message.symbol, follower)

    # --- snapshots -------------------------------------------------------------------------------

    def _ask(self, symbol: str, follower: Follower) -> None:
        """Ask for a snapshot unless one is being asked for."""
        if symbol not in self._asking:
            task = asyncio.create_task(self._snapshot(symbol, follower))
            self._asking[symbol] = task
            task.add_done_callback(lambda done: self._asked_for(symbol, done))

    def _asked_for(self, symbol: str, done: asyncio.Task[None]) -> None:
        if self._asking.get(symbol) is done:
            del self._asking[symbol]

    async def _snapshot(self, symbol: str, follower: Follower) -> None:
        """Ask until a snapshot carries on with what was recorded; one request at a time."""
        own = self.options.snapshot_interval_s
        pause_s = own if own >= 0 else self.venue.snapshot_interval_s
        while follower.wants_snapshot:
            async with self._asked:
                url = self.venue.snapshot_url(symbol, self.options.rest_url)
                raw, wait_s = await asyncio.to_thread(fetched, url)
                self._keep_snapshot(symbol, follower, raw)
                await asyncio.sleep(max(pause_s, wait_s))

    def _keep_snapshot(self, symbol: str, follower: Follower, raw: bytes) -> None:
        """Keep a snapshot that carries on with what waits for it; another one is of no use."""
        now_ns = self._clock.now_ns()
        update_id = snapshot_id(raw)
        if update_id < 0 or b"\n" in raw:
            self.metrics.snapshot_failures += 1
            tell(f"{symbol}: no snapshot: {raw[:80]!r}")
        elif not follower.carries_on(update_id):
            self.metrics.snapshot_failures += 1
            self._own_line(symbol, note("snapshot unused", id=update_id))
        else:
            self.metrics.snapshots += 1
            self._buffer.add((symbol, now_ns, raw, False))
            follower.on_snapshot(update_id)

    # --- gaps and notes --------------------------------------------------------------------------

    def _own_line(self, symbol: str, raw: bytes) -> None:
        self._buffer.add((symbol, self._clock.now_ns(), raw, True))

    def _tell_gap(
        self, symbols: tuple[str, ...], from_ns: int, to_ns: int, reason: str, **fields: Any
    ) -> None:
        """Say where messages may be missing: in the stream, in the manifest, to the person."""
        self.metrics.gaps += 1
        gap = {"from_ns": from_ns, "to_ns": to_ns, "reason": reason, **fields}
        for symbol in symbols:
            self._own_line(symbol, note("gap", **gap))
        self._orders.append(lambda: self._writer.gap(symbols, gap))
        tell(f"gap of {', '.join(symbols)}: {reason}")

    # --- writing ---------------------------------------------------------------------------------

    async def _write_on(self) -> None:
        """Move what waits to the files, in a thread, until stopped and nothing waits."""
        loop = asyncio.get_running_loop()
        synced = loop.time()
        while not (self._stopping.is_set() and not self._buffer.lines and not self._orders):
            if not self._buffer.lines:
                await asyncio.sleep(TICK_SECONDS)
            waiting = self._buffer.bytes
            self.metrics.buffered_bytes = waiting
            self.metrics.buffered_bytes_most = max(self.metrics.buffered_bytes_most, waiting)
            orders, self._orders = self._orders, []
            lines = self._buffer.take()
            self._room.set()
            is_due = loop.time() - synced >= self.options.sync_s
            try:
                await asyncio.to_thread(self._write, lines, orders, is_due)
            except OSError as error:
                self._failure = error
                self._buffer.lines[:0] = lines
                self._stopping.set()
                return
            if is_due:
                synced = loop.time()

    def _write(self, lines: list[Line], orders: list[Callable[[], None]], sync: bool) -> None:
        for order in orders:
            order()
        self._writer.write(lines)
        if sync:
            self._writer.sync()
            self.metrics.files = self._writer.files
            write_whole(self._folder.path / "metrics.prom", self.metrics.text())

    # --- housekeeping ----------------------------------------------------------------------------

    async def _keep_house(self) -> None:
        """Each second: the clock, and whether the connection still says anything."""
        while True:
            await asyncio.sleep(1.0 if self.options.silence_s >= 2 else self.options.silence_s / 2)
            if self._clock.correct():
                self.metrics.clock_steps += 1
                tell(f"the machine's clock was set: it is {self._clock.offset_ns} ns ahead")
                for symbol in self.symbols:
                    step = note("clock", offset_ns=self._clock.offset_ns)
                    self._own_line(symbol, step)
            self.metrics.in_sync = sum(each.in_sync for each in self._followers.values())
            silent_ns = self._clock.now_ns() - self._latest_ns
            silent = silent_ns > self.options.silence_s * 1e9
            if silent and self._connection is not None and self._room.is_set():
                tell(f"nothing received for {self.options.silence_s:g} s")
                self._connection.transport.abort()


def fetched(url: str) -> tuple[bytes, float]:
    """(body or what went wrong, seconds to wait before asking again) of one GET."""
    try:
        with urllib.request.urlopen(url, timeout=HTTP_SECONDS) as answer:  # noqa: S310
            return answer.read(SNAPSHOT_BYTES), 0.0
    except urllib.error.HTTPError as error:
        after = error.headers.get("Retry-After", "")
        wait_s = float(after) if after.isdigit() else 0.0
        if error.code in (418, 429):
            wait_s = max(wait_s, 1.0) if after.isdigit() else RETRY_AFTER_SECONDS
        return f"HTTP status {error.code}".encode(), wait_s
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}".encode(), 0.0
