"""Reading raw Binance logs: events in the right order and units, and every refusal in its place."""

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.readers import logs
from tests.runtime.readers.logs import (
    ASKS,
    BIDS,
    snapshot,
    spot_depth,
    spot_session,
    ticker,
    trade,
    usdm_depth,
    usdm_session,
    written,
)
from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.binance import Grid, read_binance
from tickproof.runtime.readers.feed import Feed
from tickproof.spec.events import (
    BookDelta,
    BookSnapshot,
    EventKind,
    FeedGap,
    FeedResumed,
    Side,
    Trade,
    TradeKind,
)
from tickproof.spec.instrument import InstrumentKind


def read(path: Path, messages: list[Any], **options: Any) -> Feed:
    return read_binance([written(path / "log.gz", messages)], **options)


def bodies(feed: Feed) -> list[object]:
    return [event.body for event in feed.columns]


def test_a_usdm_session_becomes_exact_events_in_order(tmp_path: Path) -> None:
    feed = read(tmp_path, usdm_session())
    assert feed.instrument.kind == InstrumentKind.LINEAR
    assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == (1, 3)
    assert bodies(feed) == [
        Trade(0, 1002, 100, Side.BUY, TradeKind.CONTINUOUS, 70),
        BookSnapshot(0, 15, (1, 1001, 1000, 1, 1000, 2000, -1, 1002, 1500, -1, 1003, 500)),
        BookDelta(0, 11, 20, (1, 1001, 3000)),
        BookDelta(0, 25, 30, (-1, 1002, 0, -1, 1004, 1000)),
        Trade(0, 1001, 500, Side.SELL, TradeKind.CONTINUOUS, 71),
        BookDelta(0, 31, 33, (1, 1001, 2500)),
        BookDelta(0, 40, 41, (1, 999, 0)),
    ]
    assert list(feed.columns.sequence) == [1, 4, 2, 5, 6, 7, 8]
    assert list(feed.columns.capture_time_ns) == [
        logs.START_NS + index * 1_000_000 for index in feed.columns.sequence
    ]
    assert feed.columns.event_time_ns[0] == (logs.START_MS + 70) * 1_000_000
    assert set(feed.columns.epoch) == set(feed.columns.source) == {0}
    counts = feed.counts
    assert (counts.messages, counts.level_changes, counts.trades) == (9, 5, 2)
    assert (counts.diffs, counts.dropped_stale_diffs, counts.tickers) == (4, 1, 1)
    assert (counts.sequence_gaps, counts.trade_id_gaps, counts.backwards_stamps) == (0, 0, 0)
    tickers = feed.tickers
    assert (tickers.update_id[0], tickers.bid_price[0], tickers.ask_size[0]) == (15, 1001, 1500)


def test_a_spot_session_bridges_by_spot_rules(tmp_path: Path) -> None:
    feed = read(tmp_path, spot_session())
    assert feed.instrument.kind == InstrumentKind.SPOT
    assert (feed.instrument.price_decimals, feed.instrument.quantity_decimals) == (2, 6)
    assert feed.instrument.lot_step == feed.instrument.minimum_quantity == 10
    assert feed.columns.kind.tolist() == [
        EventKind.BOOK_SNAPSHOT,
        EventKind.BOOK_DELTA,
        EventKind.BOOK_DELTA,
        EventKind.TRADE,
        EventKind.BOOK_DELTA,
    ]
    # The snapshot has no time of its own: it gets the latest one seen.
    assert feed.columns.event_time_ns[0] == feed.columns.event_time_ns[1]


def test_money_units_are_whole(tmp_path: Path) -> None:
    for session in (usdm_session(), spot_session()):
        feed = read(tmp_path, session)
        instrument, (base, quote) = feed.instrument, feed.assets
        places = instrument.price_decimals + instrument.quantity_decimals
        assert instrument.money_per_price_lot * 10**places == 10**quote.decimals
        assert instrument.base_per_lot * 10**instrument.quantity_decimals == 10**base.decimals
        assert (base.name, quote.name) == ("BTC", "USDT")


def test_files_are_one_source(tmp_path: Path) -> None:
    session = usdm_session()
    whole = read_binance([written(tmp_path / "whole.gz", session)])
    parts = [
        written(tmp_path / "1.gz", session[:6]),
        written(tmp_path / "2.gz", session[6:], first=6),
    ]
    split = read_binance(parts)
    assert split.rows_hash == whole.rows_hash
    assert split.counts == whole.counts
    assert split.dataset_hash != whole.dataset_hash


def test_instrument_and_source_numbers_do_not_change_the_rows(tmp_path: Path) -> None:
    plain = read(tmp_path, usdm_session())
    moved = read(tmp_path, usdm_session(), instrument_id=3, source=5)
    assert moved.instrument == evolve(plain.instrument, id=3)
    assert set(moved.columns.source) == {5}
    assert {body.instrument for body in bodies(moved)} == {3}  # type: ignore[attr-defined]
    assert moved.rows_hash == plain.rows_hash


def test_one_changed_quantity_changes_the_rows(tmp_path: Path) -> None:
    session = usdm_session()
    session[1]["data"]["q"] = "0.101"
    assert read(tmp_path, session).rows_hash != read(tmp_path, usdm_session()).rows_hash


def test_trades_outside_the_book_say_so(tmp_path: Path) -> None:
    session = [
        *usdm_session(),
        trade(72, "100.10", "1.000", X="INSURANCE_FUND"),
        trade(73, "100.10", "1.000", X="ADL"),
        trade(74, "0", "0", X="NA"),
        trade(75, "100.10", "1.000", X="MARKET"),
    ]
    feed = read(tmp_path, session)
    kinds = [body.trade_kind for body in bodies(feed)[-3:]]  # type: ignore[attr-defined]
    assert kinds == [TradeKind.INSURANCE, TradeKind.BLOCK, TradeKind.CONTINUOUS]
    assert feed.counts.void_trades == 1
    assert feed.counts.trade_id_gaps == 0


def test_repeated_and_skipped_trades_are_counted(tmp_path: Path) -> None:
    extra = [trade(n, "100.10", "1.000") for n in (71, 75, 73, 73, 76)]
    feed = read(tmp_path, [*usdm_session(), *extra])
    assert (feed.counts.trades, feed.counts.trade_id_gaps) == (5, 1)
    assert feed.counts.duplicate_trades == 2


def test_a_repeated_depth_update_is_dropped_and_counted(tmp_path: Path) -> None:
    session = usdm_session()
    feed = read(tmp_path, [*session[:6], session[5], *session[6:]])
    assert feed.counts.duplicate_diffs == 1
    assert len(feed.columns) == len(read(tmp_path, session).columns)


def test_a_snapshot_in_sync_changes_nothing(tmp_path: Path) -> None:
    session = usdm_session()
    for update_id in (3, 30, 99):
        feed = read(tmp_path, [*session[:6], snapshot(update_id, BIDS, ASKS), *session[6:]])
        assert feed.counts.unused_snapshots == 1
        assert len(feed.columns) == len(read(tmp_path, session).columns)


def test_other_streams_are_passed_over(tmp_path: Path) -> None:
    extra = [
        {"result": None, "id": 1},
        logs.stream("markPrice", {"e": "markPriceUpdate", "p": "100.123456"}),
        logs.stream("depth20", {"lastUpdateId": 9, "bids": [], "asks": []}),
    ]
    feed = read(tmp_path, [*usdm_session(), *extra])
    assert feed.counts.ignored_messages == 3


def test_stamps_going_backwards_are_counted(tmp_path: Path) -> None:
    messages = [logs.line(9 - index, one) for index, one in enumerate(usdm_session())]
    feed = read(tmp_path, messages)
    assert feed.counts.backwards_stamps == 8
    assert len(feed.columns) == 7


def test_microsecond_recorders_and_streams(tmp_path: Path) -> None:
    messages = []
    for index, one in enumerate(usdm_session()):
        data = one.get("data", {})
        for field in ("E", "T"):
            if field in data:
                data[field] *= 1000
        stamp, body = logs.line(index, one).split(" ", 1)
        messages.append(f"{int(stamp) // 1000} {body}")
    feed = read(tmp_path, messages)
    assert feed.rows_hash == read(tmp_path, usdm_session()).rows_hash


def test_an_unknown_instrument_gets_the_grid_its_numbers_need(tmp_path: Path) -> None:
    session = json.loads(json.dumps(usdm_session()).replace("BTCUSDT", "XYZUSDC"))
    instrument = read(tmp_path, session).instrument
    assert (instrument.price_decimals, instrument.quantity_decimals) == (1, 1)
    session[3]["data"]["b"] = "100.1234500"
    session[1]["data"]["q"] = "0.0000010"
    instrument = read(tmp_path, session).instrument
    assert (instrument.price_decimals, instrument.quantity_decimals) == (5, 6)


def test_a_declared_grid_wins(tmp_path: Path) -> None:
    feed = read(tmp_path, usdm_session(), grid=Grid(2, 3, tick=10))
    assert (feed.instrument.price_decimals, feed.instrument.tick) == (2, 10)
    assert bodies(feed)[0] == Trade(0, 10020, 100, Side.BUY, TradeKind.CONTINUOUS, 70)


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    path = written(tmp_path / "log.gz", usdm_session())
    seen: list[tuple[int, int]] = []
    read_binance([path], progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


# --- gaps


def gapped_session() -> list[dict[str, Any]]:
    session = usdm_session()
    del session[7]
    return session


def test_a_gap_stops_with_both_ids(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, gapped_session())
    error = caught.value
    assert (error.line, error.field, error.expected, error.got) == (8, "pu", "30", "33")


def test_a_gap_resyncs_at_the_next_snapshot(tmp_path: Path) -> None:
    session = [
        *gapped_session(),
        trade(72, "100.10", "1.000"),
        snapshot(44, BIDS, ASKS),
        usdm_depth(44, 50, 41, [("100.10", "7.000")], []),
    ]
    feed = read(tmp_path, session, on_gap="resync")
    assert bodies(feed)[5:] == [
        FeedGap(0, 30, 33),
        Trade(0, 1001, 1000, Side.BUY, TradeKind.CONTINUOUS, 72),
        FeedResumed(0, 44),
        BookSnapshot(0, 44, (1, 1001, 1000, 1, 1000, 2000, -1, 1002, 1500, -1, 1003, 500)),
        BookDelta(0, 44, 50, (1, 1001, 7000)),
    ]
    assert feed.columns.epoch.tolist()[5:] == [0, 0, 1, 1, 1]
    assert feed.counts.sequence_gaps == 1
    assert feed.counts.dropped_stale_diffs == 2


def test_a_snapshot_taken_before_the_gap_showed_is_used(tmp_path: Path) -> None:
    session = usdm_session()
    session[7] = snapshot(36, BIDS, ASKS)
    session[8] = usdm_depth(36, 41, 33, [("99.90", "0.000")], [])
    feed = read(tmp_path, session, on_gap="resync")
    kinds = feed.columns.kind.tolist()[5:]
    assert kinds == [
        EventKind.FEED_GAP,
        EventKind.FEED_RESUMED,
        EventKind.BOOK_SNAPSHOT,
        EventKind.BOOK_DELTA,
    ]
    assert feed.counts.unused_snapshots == 0


def test_a_spot_gap_names_the_next_id(tmp_path: Path) -> None:
    session = spot_session()
    del session[3]
    with pytest.raises(InputError) as caught:
        read(tmp_path, session)
    error = caught.value
    assert (error.line, error.field, error.expected, error.got) == (5, "U", "21", "31")


@given(lost=st.integers(5, 8))
def test_resync_never_applies_across_a_gap(lost: int, tmp_path_factory: Any) -> None:
    session = [*usdm_session(), usdm_depth(42, 43, 41, [], [])]
    del session[lost]
    depth = [one for one in session[5:] if "pu" in one.get("data", {})]
    if len(depth) == 4:  # a trade was lost: no gap in the book
        return
    feed = read(tmp_path_factory.mktemp("gap"), session, on_gap="resync")
    gaps = [body for body in bodies(feed) if isinstance(body, FeedGap)]
    assert len(gaps) == 1
    assert not isinstance(bodies(feed)[-1], BookDelta)


# --- bad input

Damage = Callable[[list[Any]], None]


def put(index: int, field: str, value: Any) -> Damage:
    def damage(session: list[Any]) -> None:
        session[index].get("data", session[index])[field] = value

    return damage


def drop(index: int, field: str) -> Damage:
    def damage(session: list[Any]) -> None:
        del session[index].get("data", session[index])[field]

    return damage


def text(index: int, line: str) -> Damage:
    def damage(session: list[Any]) -> None:
        session[index] = line

    return damage


def removed(*indices: int) -> Damage:
    def damage(session: list[Any]) -> None:
        for index in sorted(indices, reverse=True):
            del session[index]

    return damage


BAD = {
    "broken JSON": (text(5, '17 {"e":"depthUpdate","E":1'), 6, "message", "valid JSON"),
    "JSON, but no object": (text(5, "17 [1]"), 6, "message", "a JSON object"),
    "no stamp": (text(5, '{"lastUpdateId":1}'), 6, "local time", "nanoseconds"),
    "stamp beyond int64": (text(5, f"{2**63} {{}}"), 6, "local time", "at most"),
    "unknown message": (text(5, "17 {}"), 6, "e", "a stream message"),
    "data is no object": (text(5, '17 {"stream":"x","data":[]}'), 6, "data", "a JSON object"),
    "no snapshot": (removed(4), 8, "lastUpdateId", "a depth snapshot"),
    "no depth update": (removed(0, 2, 5, 7, 8), 3, "lastUpdateId", "a depth update"),
    "snapshot too old": (put(4, "lastUpdateId", 10), 3, "U", "at most 10"),
    "snapshot too new": (put(4, "lastUpdateId", 42), 5, "lastUpdateId", "carries on from 42"),
    "other symbol": (put(6, "s", "ETHUSDT"), 7, "s", "BTCUSDT"),
    "other market": (drop(5, "pu"), 6, "pu", "an integer"),
    "price off the grid": (put(1, "p", "100.15"), 2, "price", "a multiple of 0.1"),
    "size off the grid": (put(1, "q", "0.0001"), 2, "size", "a multiple of 0.001"),
    "level off the grid": (put(5, "b", [["100.15", "1"]]), 6, "price", "a multiple of 0.1"),
    "ticker off the grid": (put(3, "A", "0.0001"), 4, "size", "a multiple of 0.001"),
    "negative price": (put(1, "p", "-100.10"), 2, "price", "not negative"),
    "negative size": (put(5, "a", [["100.20", "-1"]]), 6, "size", "not negative"),
    "price beyond range": (put(1, "p", "100000000000.1"), 2, "price", "at most 100000000000.0"),
    "size beyond range": (put(1, "q", "10000000000000.001"), 2, "size", "at most 1000000000000"),
    "price of zero": (put(5, "b", [["0.00", "1"]]), 6, "price", "above 0"),
    "trade at zero": (put(1, "p", "0"), 2, "p", "above 0"),
    "trade of nothing": (put(1, "q", "0.000"), 2, "q", "above 0"),
    "snapshot level of nothing": (put(4, "bids", [["1", "0"]]), 5, "size", "above 0"),
    "exponent": (put(1, "p", "1e2"), 2, "price", "a plain decimal number"),
    "not a number": (put(1, "p", "NaN"), 2, "price", "a plain decimal number"),
    "price as number": (put(1, "p", 100.1), 2, "p", "a text"),
    "id as text": (put(1, "t", "70"), 2, "t", "an integer"),
    "id as flag": (put(1, "t", True), 2, "t", "an integer"),
    "id beyond int64": (put(5, "u", 2**63), 6, "u", "an integer from 0 to 2**63 - 1"),
    "negative id": (put(5, "u", -1), 6, "u", "an integer from 0"),
    "ids backwards": (put(5, "u", 24), 6, "u", "at least U, 25"),
    "time absurd": (put(5, "T", 10**18), 6, "T", "a time in ms or us"),
    "flag as number": (put(1, "m", 1), 2, "m", "true or false"),
    "levels no array": (put(5, "b", {}), 6, "b", "an array"),
    "level too short": (put(5, "b", [["100.10"]]), 6, "b", "[price, size]"),
    "level of numbers": (put(5, "b", [[100.1, 1]]), 6, "b", "[price, size]"),
    "missing field": (drop(1, "q"), 2, "q", "a text"),
    "unknown trade kind": (put(1, "X", "GIFT"), 2, "X", "MARKET"),
}


@pytest.mark.parametrize("case", BAD, ids=BAD.keys())
def test_bad_input_is_named_where_it_stands(case: str, tmp_path: Path) -> None:
    damage, line, field, expected = BAD[case]
    session = usdm_session()
    damage(session)
    path = written(tmp_path / "log.gz", session)
    with pytest.raises(InputError) as caught:
        read_binance([path])
    error = caught.value
    assert (error.file, error.line, error.field) == (str(path), line, field)
    assert expected in error.expected
    assert "\n" not in str(error)
    assert str(error).startswith(f"{path}:{line}: {field}: expected ")


def test_the_symbol_asked_for_must_be_the_file_s(tmp_path: Path) -> None:
    assert read(tmp_path, usdm_session(), symbol="btcusdt").instrument.symbol == "BTCUSDT"
    with pytest.raises(InputError, match=":1: s: expected ETHUSDT, got 'BTCUSDT'"):
        read(tmp_path, usdm_session(), symbol="ETHUSDT")


def test_spot_and_usdm_do_not_mix(tmp_path: Path) -> None:
    session = spot_session()
    session[3]["data"]["pu"] = 20
    with pytest.raises(InputError, match=":4: pu: expected nothing in a spot log"):
        read(tmp_path, session)


def test_a_symbol_without_a_known_quote_asset_is_refused(tmp_path: Path) -> None:
    session = json.loads(json.dumps(usdm_session()).replace("BTCUSDT", "NONSENSE"))
    with pytest.raises(InputError, match="symbol: expected a symbol ending in"):
        read(tmp_path, session)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file: expected an existing file"):
        read_binance([tmp_path / "nothing.gz"])


def test_folder_instead_of_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file: expected a readable file"):
        read_binance([tmp_path])


def test_no_files_and_unknown_gap_policy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one file"):
        read_binance([])
    with pytest.raises(InputError, match="on_gap: expected stop or resync"):
        read(tmp_path, usdm_session(), on_gap="ignore")


def test_plain_text_is_no_gzip(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_text("\n".join(logs.line(0, one) for one in usdm_session()))
    with pytest.raises(InputError, match="file: expected a gzip file"):
        read_binance([path])


@pytest.mark.parametrize(
    "content", [b"", gzip.compress(b"", mtime=0)], ids=["nothing", "an empty gzip"]
)
def test_empty_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="file: expected a gzip file with messages"):
        read_binance([path])


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.gz", usdm_session()).read_bytes()
    path = tmp_path / "cut.gz"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            read_binance([path])
        assert caught.value.file == str(path)


def test_damaged_bytes_are_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.gz", usdm_session()).read_bytes()
    path = tmp_path / "bad.gz"
    for place in (*range(10, len(whole), 7), len(whole) - 6):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 0x55,)) + whole[place + 1 :])
        with pytest.raises(InputError):
            read_binance([path])


@given(st.binary(max_size=80))
def test_any_line_is_read_or_refused(content: bytes) -> None:
    """Nothing but `InputError` comes out, whatever stands in the log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.gz"
        start = "\n".join(logs.line(i, one) for i, one in enumerate(usdm_session()))
        path.write_bytes(gzip.compress(start.encode() + b"\n17 " + content))
        refused_at = 10
        try:
            read_binance([path])
        except InputError as error:
            refused_at = error.line
    assert refused_at >= 10


def test_blank_lines_carry_no_message(tmp_path: Path) -> None:
    feed = read(tmp_path, [*usdm_session(), "", "  "])
    assert feed.counts.messages == 9


def test_spot_ticker_with_an_empty_side(tmp_path: Path) -> None:
    feed = read(tmp_path, [*spot_session(), ticker(33, "0.00", "0", "100.30", "0.500")])
    assert feed.tickers.bid_price[0] == feed.tickers.bid_size[0] == 0


def test_spot_depth_builder_matches_the_venue_s_fields() -> None:
    assert set(spot_depth(1, 2, [], [])["data"]) == {"e", "E", "s", "U", "u", "b", "a"}
