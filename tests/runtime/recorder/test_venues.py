"""What a raw message says of itself is read without ever failing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickproof.runtime.recorder.venues import NOTHING, VENUES, snapshot_id, understood
from tickproof.spec.book_sync import SyncMessage


@given(st.binary())
def test_any_bytes_are_understood_or_nothing(raw: bytes) -> None:
    understood(raw)
    assert snapshot_id(raw) >= -1


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"7", b'"x"', b'{"data":7}', b'{"data":{"s":7}}', b'{"stream":"btcusdt@trade"'],
)
def test_nonsense_is_nothing(raw: bytes) -> None:
    assert understood(raw) == NOTHING


def test_a_depth_update_gives_its_numbers() -> None:
    raw = b'{"stream":"x@depth","data":{"e":"depthUpdate","s":"XY","U":3,"u":5,"pu":2}}'
    assert understood(raw).symbol == "XY"
    assert understood(raw).diff == SyncMessage(3, 5, 2)
    assert understood(raw.replace(b'"U":3', b'"U":"3"')).diff is None


def test_a_snapshot_gives_its_number() -> None:
    assert snapshot_id(b'{"lastUpdateId":7,"bids":[],"asks":[]}') == 7
    assert snapshot_id(b'{"lastUpdateId":"7"}') == snapshot_id(b'{"code":-1121}') == -1


def test_urls_name_every_stream_and_can_be_led_elsewhere() -> None:
    venue = VENUES["binance-usdm"]
    url = venue.url(("BTCUSDT", "ETHUSDT"), "ws://127.0.0.1:1")
    assert url.startswith("ws://127.0.0.1:1/stream?streams=btcusdt@depth@0ms/btcusdt@trade")
    assert "ethusdt@bookTicker" in url
    assert venue.snapshot_url("BTCUSDT").endswith("symbol=BTCUSDT&limit=1000")
