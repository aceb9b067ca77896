"""Icebergs over unbounded lots: nothing made or lost, never more shown than is to be shown."""

from tickproof.spec.iceberg import (
    ICEBERG,
    Ice,
    Iceberg,
    Melt,
    inv,
    leaves_of,
    rested,
    state_of,
    step,
)
from tickproof.spec.table import Row

PROOFS = (
    "p_one_rule_holds_and_leads_where_it_says",
    "p_shown_lots_are_within_display_and_leaves",
    "p_trading_neither_makes_nor_loses_lots",
    "p_only_a_reload_loses_its_place",
    "p_an_amendment_takes_hidden_lots_first",
    "p_what_joins_the_book_is_sound",
)
CANARIES = ("canary_a_reload_shows_a_whole_display", "canary_an_amendment_takes_shown_lots_first")


def p_one_rule_holds_and_leads_where_it_says(
    total: int, executed: int, display: int, shown: int, melt: int, lots: int
) -> bool:
    """
    pre: 0 <= melt <= 1 and lots > 0
    pre: inv(Iceberg(total, executed, display, shown))
    post: _
    """
    ice = Iceberg(total, executed, display, shown)
    for code in range(2):
        if melt == code:
            holds = [
                rule for rule in ICEBERG.cells[int(state_of(ice))][code] if rule.guard(ice, lots)
            ]
            after, refused = step(ice, code, lots)
            targets = [rule.target for rule in holds if isinstance(rule, Row)]
            return len(holds) == 1 and targets == ([] if refused else [state_of(after)])
    return True


def p_shown_lots_are_within_display_and_leaves(
    total: int, executed: int, display: int, shown: int, melt: int, lots: int
) -> bool:
    """
    pre: 0 <= melt <= 1 and lots > 0
    pre: inv(Iceberg(total, executed, display, shown))
    post: _
    """
    for code in range(2):
        if melt == code:
            return inv(step(Iceberg(total, executed, display, shown), code, lots)[0])
    return True


def p_trading_neither_makes_nor_loses_lots(
    total: int, executed: int, display: int, shown: int, lots: int
) -> bool:
    """
    pre: lots > 0
    pre: inv(Iceberg(total, executed, display, shown))
    pre: lots <= total - executed
    post: _
    """
    after, _ = step(Iceberg(total, executed, display, shown), Melt.TRADED, lots)
    return after.total == total and after.executed == executed + lots


def p_only_a_reload_loses_its_place(
    total: int, executed: int, display: int, shown: int, lots: int
) -> bool:
    """
    pre: lots > 0
    pre: inv(Iceberg(total, executed, display, shown))
    pre: lots <= total - executed
    post: _
    """
    after, _ = step(Iceberg(total, executed, display, shown), Melt.TRADED, lots)
    return bool(after.requeued) == (lots >= shown and leaves_of(after) > 0)


def p_an_amendment_takes_hidden_lots_first(
    total: int, executed: int, display: int, shown: int, new_total: int
) -> bool:
    """
    pre: new_total > 0
    pre: inv(Iceberg(total, executed, display, shown))
    pre: total > executed and new_total > executed and display > 0
    post: _
    """
    after, _ = step(Iceberg(total, executed, display, shown), Melt.AMENDED, new_total)
    return after.requeued == 0 and after.shown == min(shown, new_total - executed)


def p_what_joins_the_book_is_sound(total: int, executed: int, display: int) -> bool:
    """
    pre: 0 <= executed < total and display >= 0
    post: _
    """
    ice = rested(total, executed, display)
    return inv(ice) and state_of(ice) == (
        Ice.HIDES if 0 < display < total - executed else Ice.SHOWS
    )


def canary_a_reload_shows_a_whole_display(
    total: int, executed: int, display: int, shown: int, lots: int
) -> bool:
    """
    pre: inv(Iceberg(total, executed, display, shown))
    pre: shown <= lots < total - executed and display > 0
    post: _
    """
    return inv(Iceberg(total, executed + lots, display, display))


def canary_an_amendment_takes_shown_lots_first(
    total: int, executed: int, display: int, shown: int, new_total: int
) -> bool:
    """
    pre: inv(Iceberg(total, executed, display, shown))
    pre: executed < new_total < total
    post: _
    """
    left = max(shown - (total - new_total), 0)
    return inv(Iceberg(new_total, executed, display, left))
