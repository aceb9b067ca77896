"""A venue on this machine: sends captured messages over a websocket, with faults, and snapshots."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import websockets
from attrs import define, field
from websockets.asyncio.server import Server, ServerConnection, serve

CUT, STALL, DELAY, DUPLICATE, CORRUPT = "cut", "stall", "delay", "duplicate", "corrupt"


def captured(path: Path, count: int) -> tuple[list[bytes], dict[str, Any]]:
    """(stream messages, the first snapshot) of the first lines of a captured log."""
    with gzip.open(path) as stream:
        raw = [line.strip().partition(b" ")[2] for line in islice(stream, count)]
    snapshot = next(json.loads(each) for each in raw if each.startswith(b'{"lastUpdateId"'))
    return [each for each in raw if each.startswith(b'{"stream"')], snapshot


@define
class FakeVenue:
    """`faults`: by index of the message before which they happen. `sent`: by connection.

    A venue goes on while nobody listens: after a cut, `missed` messages pass by. Books are kept
    so that a snapshot is as of what was sent last.
    """

    messages: list[bytes]
    first: dict[str, Any]
    faults: dict[int, str] = field(factory=dict)
    missed: int = 5
    pause_every: int = 50
    sent: list[list[bytes]] = field(factory=list)
    position: int = 0
    done: asyncio.Event = field(factory=asyncio.Event)
    snapshots: int = 0
    refuse_snapshots: int = 0
    url: str = ""
    rest_url: str = ""
    _levels: dict[str, dict[str, str]] = field(factory=dict)
    _last_id: int = 0
    _server: Server | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["FakeVenue"]:
        """Serve on a free port of this machine."""
        self._levels = {side: dict(self.first[side]) for side in ("bids", "asks")}
        self._last_id = self.first["lastUpdateId"]
        async with serve(self._serve, "127.0.0.1", 0, process_request=self._get) as server:
            self._server = server
            port = next(iter(server.sockets)).getsockname()[1]
            self.url, self.rest_url = f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}"
            yield self

    def _get(self, connection: ServerConnection, request: Any) -> Any:
        """Answer a GET for a snapshot; anything else goes on to the websocket."""
        if "/depth?" not in request.path:
            return None
        if self.refuse_snapshots:
            self.refuse_snapshots -= 1
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "not now")
        self.snapshots += 1
        levels = {side: [[p, q] for p, q in found.items()] for side, found in self._levels.items()}
        stamps = {name: self.first[name] for name in ("E", "T") if name in self.first}
        return connection.respond(
            HTTPStatus.OK, json.dumps({"lastUpdateId": self._last_id, **stamps, **levels})
        )

    def _pass(self) -> bytes:
        """The next message, and what it does to the book."""
        raw = self.messages[self.position]
        self.position += 1
        data = json.loads(raw)["data"]
        if data.get("e") == "depthUpdate" and data["u"] > self._last_id:
            self._last_id = data["u"]
            for side, name in (("bids", "b"), ("asks", "a")):
                for price, size in data[name]:
                    if float(size):
                        self._levels[side][price] = size
                    else:
                        self._levels[side].pop(price, None)
        return raw

    async def _serve(self, connection: ServerConnection) -> None:
        sent: list[bytes] = []
        self.sent.append(sent)
        while self.position < len(self.messages):
            fault = self.faults.pop(self.position, "")
            if fault in (CUT, STALL):
                for _ in range(min(self.missed, len(self.messages) - self.position)):
                    self._pass()
                if fault == CUT:
                    connection.transport.abort()
                    return
                with contextlib.suppress(websockets.ConnectionClosed):
                    await connection.recv()  # says nothing until the other side has had enough
                return
            if fault == DELAY:
                await asyncio.sleep(0.3)
            raw = self._pass()
            if fault == CORRUPT:
                raw = raw[: len(raw) // 2] + b"\xff\n" + raw[len(raw) // 2 :]
            for _ in range(2 if fault == DUPLICATE else 1):
                sent.append(raw)
                try:
                    await connection.send(raw)
                except websockets.ConnectionClosed:
                    return
            if self.position % self.pause_every == 0:
                await asyncio.sleep(0.001)
        with contextlib.suppress(websockets.ConnectionClosed):
            # The other side answers this when it has read everything before it.
            await (await connection.ping())
        self.done.set()
        with contextlib.suppress(websockets.ConnectionClosed):
            await connection.recv()
