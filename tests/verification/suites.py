"""Which tests a changed module meets: the nearest first, the far ones for what survives them.

A module of the specification that is listed here has its every expression changed, one of kernel
and venue its comparisons. A new module with tables, guards or effects gets its line here;
`queue_fit` has none: its numbers are measured and drawn by a program.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Suite:
    """Tests of a module: `near` first, `far` for what survives them."""

    near: tuple[str, ...]
    far: tuple[str, ...] = ()


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/{name}.py" for name in names)


LOCKSTEP = _tests("kernel/test_refinement", "kernel/test_replay", "kernel/test_snapshot")
SHORT = "verification/test_lockstep"
SMALL = "verification/test_small_print"
ORDERS = _tests("spec/test_order_reading", "kernel/test_orders", "spec/test_fix_scenarios")
SCENES = ("venue/test_edges", "venue/test_venue")
"""Quick scenarios of the simulated venue with exact outcomes."""

VENUE_FAR = _tests(
    *SCENES,
    "venue/test_auctions",
    "venue/test_filters",
    "venue/test_flat",
    "venue/test_prevention",
    "venue/test_iceberg",
    "venue/test_conditional",
    "venue/test_price_queue",
    "venue/test_truth",
    "venue/test_bars",
    "venue/test_by_order",
    "venue/test_venue_properties",
    "runtime/test_bracketing",
    "runtime/test_engine",
)
SPECIFICATION: dict[str, Suite] = {
    "order_life": Suite(
        (
            *_tests("spec/test_order_predicates"),
            *ORDERS,
            *_tests("spec/test_order_witnesses", SMALL, "spec/test_order_life"),
        ),
        (*_tests("spec/test_second_reading"), *LOCKSTEP),
    ),
    "fill_life": Suite(
        _tests("spec/test_fill_life", "spec/test_table_readings", "spec/test_fix_scenarios"),
        LOCKSTEP,
    ),
    "dominance": Suite(
        _tests(
            "spec/test_dominance",
            "spec/test_table_readings",
            SMALL,
            "kernel/test_intent_queue",
            "spec/test_digest",
        ),
        LOCKSTEP,
    ),
    "intent_life": Suite(
        _tests("spec/test_intent_life", "spec/test_table_readings", "spec/test_dominance"), LOCKSTEP
    ),
    "order_list": Suite(_tests("spec/test_order_list", "spec/test_table_readings", SMALL)),
    "session": Suite(_tests("spec/test_session", "spec/test_table_readings"), LOCKSTEP),
    "trading_state": Suite(
        _tests("spec/test_trading_state", "spec/test_table_readings", "spec/test_risk"), LOCKSTEP
    ),
    "price_queue": Suite(
        _tests(
            "spec/test_table_readings",
            SMALL,
            "spec/test_price_queue",
            "venue/test_price_queue",
            "venue/test_venue",
        ),
        VENUE_FAR,
    ),
    "order_place": Suite(
        _tests("spec/test_order_place", "venue/test_order_place", "venue/test_by_order"), VENUE_FAR
    ),
    "venue_admission": Suite(
        _tests("spec/test_venue_admission", "spec/test_table_readings", "venue/test_venue"),
        VENUE_FAR,
    ),
    "quote_quantity": Suite(
        _tests("spec/test_quote_quantity", "venue/test_quote_quantity"), VENUE_FAR
    ),
    "conditional": Suite(_tests("spec/test_conditional", "venue/test_conditional"), VENUE_FAR),
    "book_sync": Suite(
        _tests(
            "spec/test_book_sync", "spec/test_table_readings", SMALL, "runtime/readers/test_binance"
        )
    ),
    "queue_processing": Suite(
        _tests("spec/test_queue_processing", "kernel/test_intent_queue"), LOCKSTEP
    ),
    "rate_bucket": Suite(_tests("spec/test_rate_bucket", "kernel/test_rate_bucket"), LOCKSTEP),
    "risk": Suite(_tests("spec/test_risk", "kernel/test_risk"), LOCKSTEP),
    "time": Suite(_tests("spec/test_time"), LOCKSTEP),
    "ledger": Suite(_tests(SMALL, "spec/test_ledger", "kernel/test_ledger"), LOCKSTEP),
    "matching": Suite(
        _tests(
            "spec/test_table_readings",
            "spec/test_matching",
            "spec/test_call_auction",
            "venue/test_matching",
        ),
        _tests("runtime/test_agents"),
    ),
    "venue_phase": Suite(
        _tests(
            "spec/test_venue_phase",
            "spec/test_table_readings",
            "venue/test_auctions",
            "venue/test_venue",
        ),
        VENUE_FAR,
    ),
    "venue_rules": Suite(
        _tests("spec/test_venue_rules", "venue/test_filters", "venue/test_prevention"), VENUE_FAR
    ),
    "iceberg": Suite(_tests("spec/test_iceberg", "venue/test_iceberg"), VENUE_FAR),
    "fees": Suite(_tests("spec/test_fees", "venue/test_fees", "spec/test_ledger")),
    "funding": Suite(_tests("spec/test_funding", "venue/test_funding", "runtime/test_funding")),
    "latency": Suite(_tests("spec/test_latency", "venue/test_latency")),
    "call_auction": Suite(_tests("spec/test_call_auction", "venue/test_matching")),
    "book": Suite(_tests("spec/test_book", "kernel/test_book")),
    "order_book": Suite(_tests("spec/test_order_book", "kernel/test_order_book")),
    "queue_memory": Suite(
        _tests("spec/test_queue_memory", "venue/test_queue_memory", "venue/test_fitted")
    ),
    "list_admission": Suite(_tests("kernel/test_list_admission"), LOCKSTEP),
}
"""Modules of the specification whose every expression is changed."""

KERNEL: dict[str, Suite] = {
    "kernel.orders": Suite(_tests("kernel/test_orders", SHORT), LOCKSTEP),
    "kernel.intent_queue": Suite(_tests("kernel/test_intent_queue"), LOCKSTEP),
    "kernel.execution": Suite(
        _tests(
            SHORT, "kernel/test_list_admission", "kernel/test_admission", "kernel/test_execution"
        ),
        LOCKSTEP,
    ),
    "kernel.admission": Suite(
        _tests("kernel/test_admission", "kernel/test_list_admission", SHORT), LOCKSTEP
    ),
    "kernel.kernel": Suite(
        _tests("kernel/test_kernel", SHORT, "kernel/test_view", "kernel/test_list_admission"),
        (*LOCKSTEP, *_tests("runtime/test_engine")),
    ),
    "kernel.ledger": Suite(_tests("kernel/test_ledger"), LOCKSTEP),
    "kernel.risk": Suite(_tests("kernel/test_risk"), LOCKSTEP),
    "kernel.keys": Suite(_tests("kernel/test_keys", "venue/test_own_sides"), LOCKSTEP),
    "kernel.rate_bucket": Suite(_tests("kernel/test_rate_bucket"), LOCKSTEP),
    "kernel.book": Suite(_tests("kernel/test_book"), LOCKSTEP),
    "kernel.market": Suite(_tests("kernel/test_kernel", SHORT), LOCKSTEP),
    "kernel.chain": Suite(_tests("kernel/test_chain"), LOCKSTEP),
    "kernel.view": Suite(_tests("kernel/test_view"), LOCKSTEP),
    "venue.verdicts": Suite(_tests("venue/test_flat", *SCENES), VENUE_FAR),
    "venue.requests": Suite(_tests("venue/test_flat", "venue/test_requests"), VENUE_FAR),
    "venue.reports": Suite(
        _tests("venue/test_prevention", "venue/test_lists", "venue/test_fees", *SCENES), VENUE_FAR
    ),
    "venue.resting": Suite(
        _tests("venue/test_price_queue", "venue/test_iceberg", "venue/test_truth", *SCENES),
        VENUE_FAR,
    ),
    "venue.auctions": Suite(_tests("venue/test_auctions"), VENUE_FAR),
    "venue.taking": Suite(
        _tests("venue/test_prevention", "venue/test_quote_quantity", *SCENES), VENUE_FAR
    ),
    "venue.entering": Suite(
        _tests("venue/test_filters", "venue/test_lists", "venue/test_prevention", *SCENES),
        VENUE_FAR,
    ),
    "venue.waiting": Suite(
        _tests("venue/test_conditional", "venue/test_lists", *SCENES), VENUE_FAR
    ),
    "venue.legs": Suite(_tests("venue/test_lists", "venue/test_conditional", *SCENES), VENUE_FAR),
    "venue.arriving": Suite(
        _tests("venue/test_filters", "venue/test_lists", "venue/test_quote_quantity", *SCENES),
        VENUE_FAR,
    ),
    "venue.by_order": Suite(_tests("venue/test_by_order"), VENUE_FAR),
    "venue.order_place": Suite(_tests("venue/test_order_place", "venue/test_by_order")),
    "venue.levels": Suite(
        _tests("venue/test_fitted", "venue/test_bars", "venue/test_conditional", *SCENES), VENUE_FAR
    ),
    "venue.venue": Suite(
        _tests(
            "venue/test_stamps",
            "venue/test_latency",
            "venue/test_funding",
            "venue/test_fitted",
            "venue/test_by_order",
            "venue/test_simulation",
            *SCENES,
        ),
        VENUE_FAR,
    ),
    "venue.orders": Suite(
        _tests("venue/test_own_sides", "venue/test_price_queue", "venue/test_iceberg", *SCENES),
        VENUE_FAR,
    ),
    "venue.price_queue": Suite(
        _tests("venue/test_price_queue", "venue/test_truth", "venue/test_fitted", *SCENES),
        VENUE_FAR,
    ),
    "venue.market": Suite(
        _tests("venue/test_market", "venue/test_flat", "venue/test_filters", *SCENES), VENUE_FAR
    ),
    "venue.conditional": Suite(_tests("venue/test_conditional"), VENUE_FAR),
    "venue.lists": Suite(_tests("venue/test_lists"), VENUE_FAR),
    "venue.fees": Suite(_tests("venue/test_fees"), VENUE_FAR),
    "venue.funding": Suite(_tests("venue/test_funding", "runtime/test_funding")),
    "venue.latency": Suite(_tests("venue/test_latency"), VENUE_FAR),
    "venue.queue_memory": Suite(
        _tests("venue/test_queue_memory", "venue/test_fitted", "spec/test_queue_memory")
    ),
    "venue.index": Suite(_tests("venue/test_index")),
    "venue.rows": Suite(_tests("venue/test_rows")),
    "venue.matching": Suite(_tests("venue/test_matching", "venue/test_rows", "venue/test_gateway")),
    "venue.simulation": Suite(
        _tests("venue/test_simulation"), _tests("runtime/test_engine", "runtime/test_delays")
    ),
    "venue.gateway": Suite(_tests("venue/test_gateway", "runtime/test_agents")),
    "kernel.order_book": Suite(_tests("kernel/test_order_book")),
}
"""Modules of kernel and venue whose comparisons are changed."""
