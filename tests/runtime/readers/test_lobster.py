"""Reading LOBSTER files: each type of message, the venue's rows, and every refusal in its place."""

from datetime import date
from pathlib import Path

import pytest

from tickproof.runtime.errors import InputError
from tickproof.runtime.readers.lobster import read_lobster
from tickproof.runtime.readers.orders import messages, row_feed
from tickproof.spec.events import (
    BookDelta,
    BookOrderAdd,
    BookOrderCancel,
    BookOrderExecute,
    BookSnapshot,
    InstrumentStatus,
    Side,
    Trade,
    TradeKind,
)
from tickproof.spec.instrument import InstrumentState

MESSAGE = "XYZ_2012-06-21_34200000_57600000_message_2.csv"
BOOK = MESSAGE.replace("message", "orderbook")
ROWS = (
    "34200.5,1,11,100,5853300,1",
    "34200.6,2,11,40,5853300,1",
    "34200.7,4,11,10,5853300,1",
    "34200.8,5,0,7,5853500,-1",
    "34200.9,3,11,50,5853300,1",
    "34201,6,0,500,5853400,-1",
    "34202,7,0,0,-1,-1",
    "34203,7,0,0,1,-1",
)
NONE = "9999999999,0,-9999999999,0"
LEVELS = (
    f"5853600,5,5853300,100,{NONE}",
    f"5853600,5,5853300,60,{NONE}",
    *[f"5853600,5,5853300,50,{NONE}"] * 2,
    *[f"5853600,5,5853200,9,{NONE}"] * 4,
)


def written(path: Path, rows: tuple[str, ...], levels: tuple[str, ...] = ()) -> list[Path]:
    (path / MESSAGE).write_text("\n".join(rows))
    if levels:
        (path / BOOK).write_text("\n".join(levels) + "\n")
    return [path / MESSAGE] + ([path / BOOK] if levels else [])


def test_every_type_of_message(tmp_path: Path) -> None:
    orders = read_lobster(written(tmp_path, ROWS, LEVELS))
    assert [event.body for event in orders.feed.columns] == [
        BookOrderAdd(0, 11, Side.BUY, 58533, 100),
        BookOrderCancel(0, 11, Side.BUY, 58533, 40),
        Trade(0, 58533, 10, Side.SELL, TradeKind.CONTINUOUS, 1),
        BookOrderExecute(0, 11, Side.BUY, 58533, 10),
        Trade(0, 58535, 7, Side.BUY, TradeKind.BLOCK, 2),
        BookOrderCancel(0, 11, Side.BUY, 58533, 50),
        Trade(0, 58534, 500, Side.NONE, TradeKind.AUCTION, 3),
        InstrumentStatus(0, InstrumentState.HALTED),
        InstrumentStatus(0, InstrumentState.CONTINUOUS),
    ]
    assert [stop - first for first, stop in messages(orders.feed.columns)] == [
        1, 1, 2, 1, 1, 1, 1, 1,
    ]  # fmt: skip
    assert orders.feed.columns.event_time_ns[0] == 1_340_236_800_000_000_000 + 34_200_500_000_000
    instrument = orders.feed.instrument
    assert (instrument.symbol, instrument.price_decimals) == ("XYZ", 2)
    assert list(orders.rows.position) == [1, 2, 4, 5, 6, 7, 8, 9]
    assert orders.rows.side(0, 1) == [(58533, 100)]


def test_the_rows_are_levels_too(tmp_path: Path) -> None:
    feed = row_feed(read_lobster(written(tmp_path, ROWS, LEVELS)))
    bodies = [event.body for event in feed.columns]
    books = [body for body in bodies if isinstance(body, BookSnapshot | BookDelta)]
    assert books == [
        BookSnapshot(0, 1, (1, 58533, 100, -1, 58536, 5)),
        BookDelta(0, 2, 2, (1, 58533, 60)),
        BookDelta(0, 3, 3, (1, 58533, 50)),
        BookDelta(0, 5, 5, (1, 58533, 0, 1, 58532, 9)),
    ]


def test_names_and_days_may_be_given(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("Time,Type,OrderId,Size,Price,Direction\n1,1,1,1,100,1\n")
    orders = read_lobster([tmp_path / "m.csv"], "ABC", date(1970, 1, 2), zone_offset_s=3600)
    assert orders.feed.instrument.symbol == "ABC"
    assert orders.feed.columns.event_time_ns[0] == (86_400 + 3_600 + 1) * 10**9
    with pytest.raises(InputError, match="SYMBOL_DATE"):
        read_lobster([tmp_path / "m.csv"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("34200,1,1,1,100", ":2: row: expected 6 values, got 5 values"),
        ("x,1,1,1,100,1", ":2: time: "),
        ("34200,8,1,1,100,1", ":2: type: "),
        ("34200,0,1,1,100,1", ":2: type: expected 1 to 7"),
        ("34200,1,1,1,100,0", ":2: direction: expected 1 or -1"),
        ("34200,1,1,-1,100,1", ":2: size: "),
        ("34200,7,1,1,100,1", ":2: price: expected -1, 0 or 1"),
    ],
)
def test_refusals_name_their_place(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_lobster(written(tmp_path, (ROWS[0], row)))
    assert said in str(caught.value)


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    paths = written(tmp_path, ROWS, LEVELS[:-1])
    with pytest.raises(InputError, match="expected 8 rows, as many as messages, got 7"):
        read_lobster(paths)
    with pytest.raises(InputError, match="one message file"):
        read_lobster(paths[1:])
    with pytest.raises(InputError, match="one message file"):
        read_lobster([])
    (tmp_path / BOOK).write_text("1,2,3,4,5\n" * 8)
    with pytest.raises(InputError, match=":1: row: expected four values a level"):
        read_lobster(paths)
    (tmp_path / BOOK).write_text("1,x,3,4\n" * 8)
    with pytest.raises(InputError, match=":1: size: "):
        read_lobster(paths)
