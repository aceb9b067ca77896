"""hftbacktest, its strategy compiled, woken when a best price changes or an own order does.

    PYTHON benchmarks/hftbacktest_touch.py --workload W1|W2|W3 --feed FILE.npy

The others wake their strategies on every event. Ours can also be woken natively on fewer,
so that condition is measured with the fastest peer too: its loop goes on with the next event
until a best price differs from the one seen last, or (W3) an own order has changed. PYTHON is one
that has hftbacktest and numba; nothing of this project is imported. Prints one JSON line.
"""

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()

import hftbacktest as hb  # noqa: E402
import numpy as np  # noqa: E402
from numba import njit  # noqa: E402

FOREVER_NS = 10**17
LATENCY_NS = 1_000_000
GONE = (2, 3)
"""Order statuses expired (a post-only order that would have taken) and filled."""


@njit
def watch(market: Any) -> tuple[int, int, int]:
    """Count changes of the touch: a strategy that does nothing, woken on each."""
    events = woken = bid = ask = 0
    depth = market.depth(0)
    while market.wait_next_feed(False, FOREVER_NS) == 2:
        events += 1
        if depth.best_bid_tick != bid or depth.best_ask_tick != ask:
            bid = depth.best_bid_tick
            ask = depth.best_ask_tick
            woken += 1
    return events, woken, 0


@njit
def state_of(book: Any, order: int) -> int:
    """Status of an order and whether something of it is under way, as one number."""
    if order == 0:
        return 0
    found = book.get(order)
    return int(found.status) * 2 + int(found.cancellable)


@njit
def quote(market: Any) -> tuple[int, int, int]:  # noqa: C901 - one loop, as numba wants it
    """One post-only lot at each touch, looked at when the touch or one of the two has changed."""
    events = orders = cancels = 0
    seen_bid = seen_ask = 0
    bid_order = ask_order = bid_price = ask_price = bid_state = ask_state = 0
    depth = market.depth(0)
    book = market.orders(0)
    while market.wait_next_feed(False, FOREVER_NS) == 2:
        events += 1
        bid = depth.best_bid_tick
        ask = depth.best_ask_tick
        now_bid = state_of(book, bid_order)
        now_ask = state_of(book, ask_order)
        if (
            bid == seen_bid
            and ask == seen_ask
            and now_bid == bid_state
            and now_ask == ask_state
            and bid_order
            and ask_order
        ):
            continue
        seen_bid, seen_ask = bid, ask
        bid_state, ask_state = now_bid, now_ask
        if bid < 0 or ask > 10_000_000 or bid >= ask:
            continue
        gone = False
        if bid_order:
            if now_bid // 2 in GONE:
                bid_order, gone = 0, True
            elif bid != bid_price and now_bid % 2:
                market.cancel(0, bid_order, False)
                cancels += 1
                bid_order, gone = 0, True
        if ask_order:
            if now_ask // 2 in GONE:
                ask_order, gone = 0, True
            elif ask != ask_price and now_ask % 2:
                market.cancel(0, ask_order, False)
                cancels += 1
                ask_order, gone = 0, True
        if not bid_order:
            orders += 1
            market.submit_buy_order(0, orders, bid * 0.01, 1.0, hb.GTX, hb.LIMIT, False)
            bid_order, bid_price = orders, bid
            bid_state = state_of(book, bid_order)
        if not ask_order:
            orders += 1
            market.submit_sell_order(0, orders, ask * 0.01, 1.0, hb.GTX, hb.LIMIT, False)
            ask_order, ask_price = orders, ask
            ask_state = state_of(book, ask_order)
        if gone:
            market.clear_inactive_orders(0)
    return events, orders, cancels


def events_of(rows: Any) -> Any:
    """The feed as hftbacktest takes it."""
    found = np.zeros(len(rows), hb.event_dtype)
    kinds = np.full(len(rows), hb.TRADE_EVENT)
    if "kind" in rows.dtype.names:
        kinds = np.where(rows["kind"] == 1, hb.TRADE_EVENT, hb.DEPTH_EVENT)
    sides = np.where(rows["side"] == 1, hb.BUY_EVENT, hb.SELL_EVENT)
    found["ev"] = kinds.astype("uint64") | sides.astype("uint64")
    found["ev"] |= np.uint64(hb.EXCH_EVENT | hb.LOCAL_EVENT)
    found["exch_ts"] = found["local_ts"] = rows["ts"]
    found["px"] = rows["px"] / 100.0
    found["qty"] = rows["qty"]
    return found


def market_of(events: Any) -> Any:
    """The venue the others' script describes."""
    asset = hb.BacktestAsset().data(events).linear_asset(1.0)
    asset = asset.constant_order_latency(LATENCY_NS, LATENCY_NS).risk_adverse_queue_model()
    asset = asset.no_partial_fill_exchange().trading_value_fee_model(0.0, 0.0)
    return hb.HashMapMarketDepthBacktest(
        [asset.tick_size(0.01).lot_size(1.0).last_trades_capacity(0)]
    )


def main() -> None:
    """Run once, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", choices=("W1", "W2", "W3"), default="W2")
    parser.add_argument("--feed", type=Path, required=True)
    parser.add_argument("--n", type=int, default=0, help="the first so many rows")
    arguments = parser.parse_args()
    loading = time.perf_counter()
    rows = np.load(arguments.feed)
    events = events_of(rows[: arguments.n] if arguments.n else rows)
    loaded = time.perf_counter()
    strategy = quote if arguments.workload == "W3" else watch
    small = market_of(events[:100].copy())
    strategy(small)
    small.close()
    compiled = time.perf_counter()
    market = market_of(events)
    used = time.process_time()
    began = time.perf_counter()
    count, orders, cancels = strategy(market)
    seconds = time.perf_counter() - began
    used = time.process_time() - used
    fills = int(market.state_values(0).num_trades)
    quoting = arguments.workload == "W3"
    line = {
        "peer": f"hftbacktest-{hb.__version__}-jit, woken on touch",
        "workload": arguments.workload,
        "events": count,
        "seconds": round(seconds, 4),
        "events_per_s": round(count / seconds),
        "user_s": round(used, 4),
        "orders": orders if quoting else 0,
        "cancels": cancels,
        "fills": fills,
        "load_s": round(loaded - loading, 3),
        "jit_s": round(compiled - loaded, 2),
        "process_s": round(time.perf_counter() - STARTED, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "woken": "touch",
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
