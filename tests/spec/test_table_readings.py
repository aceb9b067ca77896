"""Every smaller table read a second time, as short as a person would tell it.

A line is state, event and guard (patterns) and what they mean: `!CODE`, or the state it leads to
(`.` the same) and the effect (`-` none). Lines are tried from above; the first that fits a rule
decides, so what a table refuses in general stands at the end.
"""

import re
from typing import Any

import pytest

from tickproof.runtime.rendering import TABLES
from tickproof.spec.events import EventKind
from tickproof.spec.session import SESSION_EVENT_OF_KIND, SessionEvent
from tickproof.spec.table import Refuse, Rule, Table

READINGS: dict[str, str] = {
    "FL": """
        ABSENT     FILLED|FILL_CORRECTED  .*  EFFECTIVE -
        ABSENT     FILL_VOIDED            .*  TOMBSTONE -
        EFFECTIVE  FILL_VOIDED            .*  VOIDED -
        EFFECTIVE  FILL_CORRECTED         .*  EFFECTIVE -
        TOMBSTONE  FILLED                 .*  VOIDED -
        .*         FILLED                 .*  !DUPLICATE_FILL
        .*         .*                     .*  !ALREADY_VOIDED
    """,
    "BS": """
        IN_SYNC            SNAPSHOT         is_ahead   . hold_snapshot
        .*                 SNAPSHOT         is_behind|is_not_ahead  !SNAPSHOT_BEHIND
        .*                 SNAPSHOT         .*         BRIDGING begin_book
        NO_BOOK|BUFFERING  DIFF             .*         BUFFERING keep_for_later
        GAP                DIFF             .*         . keep_for_later
        .*                 DIFF             is_stale|repeats        . drop
        .*                 DIFF             bridges|continues       IN_SYNC apply_diff
        .*                 DIFF             misses_snapshot|skips   GAP lose
        NO_BOOK            CONNECTION_LOST  .*         !NOTHING_TO_LOSE
        BUFFERING          CONNECTION_LOST  .*         NO_BOOK discard
        GAP                CONNECTION_LOST  .*         . discard
        .*                 CONNECTION_LOST  .*         GAP lose
    """,
    "DOM": """
        NONE_NEVER_SENT  NEW             .*  NEW take_first
        NONE_NEVER_SENT  .*              .*  !NEVER_SENT
        NONE_ALIVE       REPLACE         .*  REPLACE take_first
        NONE_ALIVE       CANCEL          .*  CANCEL take_first
        NONE_DEAD        REPLACE|CANCEL  .*  !TARGET_DEAD
        NEW              NEW             .*  NEW take_latest
        NEW              REPLACE         .*  NEW merge_terms
        NEW              CANCEL          .*  NONE_NEVER_SENT annihilate
        REPLACE          REPLACE         .*  REPLACE take_latest
        REPLACE          CANCEL          .*  CANCEL take_latest
        CANCEL           CANCEL          .*  CANCEL keep_first
        CANCEL           REPLACE         .*  !CANCEL_PENDING
        .*               NEW             .*  !KEY_IN_USE
    """,
    "INTENT": """
        GENERATED   ALLOW       .*  ALLOWED -
        GENERATED   DENY        .*  DENIED -
        GENERATED   .*          .*  !NOT_ALLOWED_YET
        ALLOWED     ADMIT       .*  PENDING -
        PENDING     SUPERSEDE   .*  SUPERSEDED -
        PENDING     MERGE       .*  MERGED -
        PENDING     ANNIHILATE  .*  ANNIHILATED -
        PENDING     WITHDRAW    .*  WITHDRAWN -
        PENDING     DISPATCH    .*  DISPATCHED -
        DISPATCHED  SEND        .*  INFLIGHT -
        INFLIGHT    CLOSE       .*  CLOSED -
        ALLOWED|PENDING|DISPATCHED|INFLIGHT  ALLOW|DENY  .*  !ALREADY_DECIDED
        ALLOWED     .*          .*  !NOT_PENDING
        PENDING     .*          .*  !NOT_DISPATCHED
        DISPATCHED  .*          .*  !NOT_IN_FLIGHT
        INFLIGHT    .*          .*  !NOT_PENDING
        .*          .*          .*  !TERMINAL
    """,
    "LIST": """
        EXECUTING  LEG_ACCEPTED  leg_is_unanswered            . count_accepted
        EXECUTING  LEG_REJECTED  other_legs_remain            . count_rejected
        EXECUTING  LEG_REJECTED  last_leg_after_acceptance    ALL_DONE count_rejected
        EXECUTING  LEG_REJECTED  last_leg_without_acceptance  REJECTED count_rejected
        EXECUTING  LEG_ENDED     alive_leg_of_several         . count_ended
        EXECUTING  LEG_ENDED     last_alive_leg               ALL_DONE count_ended
        EXECUTING  .*            no_leg_is_.*                 !NO_SUCH_LEG
        .*         .*            .*                           !TERMINAL
    """,
    "PQ": """
        ABSENT     JOINED          as_of_arrival        BOUNDED join
        ABSENT     JOINED          not_as_of_arrival    UNBOUNDED join
        ABSENT     .*              .*                   !NOT_RESTING
        .*         JOINED          .*                   !ALREADY_RESTING
        .*         LEVEL_UPDATE    not_before_arrival   BOUNDED bound
        .*         LEVEL_UPDATE    before_arrival       . observe
        .*         PRINT           certainly_consumed   . consume
        .*         PRINT           possibly_consumed    . perhaps_consume
        UNBOUNDED  PRINT_THROUGH   certainly_exhausted  BOUNDED exhaust
        UNBOUNDED  PRINT_THROUGH   supposedly_exhausted . suppose_exhausted
        BOUNDED    PRINT_THROUGH   certainly_consumed   . exhaust
        .*         PRINT_THROUGH   possibly_consumed    . perhaps_exhaust
        .*         PRINT.*         not_consumed         . -
        .*         GAP             .*                   . censor
        .*         GREW            .*                   . doubt_all_ahead
        .*         OUT_OF_WINDOW   .*                   . lose_sight
        .*         OWN_AHEAD_LEFT  .*                   . own_lots_left
        .*         AMENDED         keeps_priority       . -
        .*         AMENDED|LEFT    .*                   ABSENT leave
    """,
    "SESSION": """
        COMPLETED|STOPPED|FAILED  .*  .*  !TERMINAL
        .*              STOP      .*  STOPPED -
        .*              FAIL      .*  FAILED -
        CREATED         PREPARE   .*  READY -
        CREATED         .*        .*  !NOT_PREPARED
        .*              PREPARE   .*  !ALREADY_PREPARED
        READY           START     .*  RUNNING -
        READY           .*        .*  !NOT_STARTED
        .*              START     .*  !ALREADY_RUNNING
        RUNNING         PAUSE     .*  PAUSED -
        PAUSED          PAUSE     .*  !ALREADY_PAUSED
        PAUSED          RESUME    .*  RUNNING -
        RUNNING         RESUME    .*  !ALREADY_RUNNING
        .*              COMPLETE  .*  COMPLETED -
    """,
    "CONNECTION": """
        CLOSED          .*                .*  !TERMINAL
        DISCONNECTED    TO_DISCONNECTED   .*  !ALREADY_THERE
        CONNECTING      TO_CONNECTING     .*  !ALREADY_THERE
        AUTHENTICATING  TO_AUTHENTICATING .*  !ALREADY_THERE
        SYNCING         TO_SYNCING        .*  !ALREADY_THERE
        LIVE            TO_STREAMING      .*  !ALREADY_THERE
        DEGRADED        TO_DEGRADED       .*  !ALREADY_THERE
        .*              TO_CLOSED         .*  CLOSED -
        .*              TO_DISCONNECTED   .*  DISCONNECTED -
        DISCONNECTED    TO_CONNECTING     .*  CONNECTING -
        CONNECTING      TO_AUTHENTICATING .*  AUTHENTICATING -
        CONNECTING|AUTHENTICATING|LIVE|DEGRADED  TO_SYNCING  .*  SYNCING -
        SYNCING|DEGRADED                         TO_STREAMING  .*  LIVE -
        SYNCING|LIVE    TO_DEGRADED       .*  DEGRADED -
        .*              .*                .*  !OUT_OF_SEQUENCE
    """,
    "INSTRUMENT": """
        DELISTED    .*             .*  !TERMINAL
        PRE_OPEN    TO_PRE_OPEN    .*  !ALREADY_THERE
        AUCTION     TO_AUCTION     .*  !ALREADY_THERE
        CONTINUOUS  TO_CONTINUOUS  .*  !ALREADY_THERE
        HALTED      TO_HALTED      .*  !ALREADY_THERE
        CLOSED      TO_CLOSED      .*  !ALREADY_THERE
        .*          TO_PRE_OPEN    .*  PRE_OPEN -
        .*          TO_AUCTION     .*  AUCTION -
        .*          TO_CONTINUOUS  .*  CONTINUOUS -
        .*          TO_HALTED      .*  HALTED -
        .*          TO_CLOSED      .*  CLOSED -
        .*          TO_DELISTED    .*  DELISTED -
    """,
    "DATASET": """
        PROMOTED|REJECTED                  .*          .*  !TERMINAL
        DISCOVERED|QUARANTINED|INCOMPLETE  VALIDATE    .*  VALIDATING -
        QUARANTINED|INCOMPLETE             REJECT      .*  REJECTED -
        DISCOVERED|QUARANTINED|INCOMPLETE  .*          .*  !OUT_OF_SEQUENCE
        VALIDATING                         PASS        .*  VALIDATED -
        VALIDATED                          NORMALISE   .*  NORMALISED -
        NORMALISED                         QUALIFY     .*  PROMOTABLE -
        PROMOTABLE                         PROMOTE     .*  PROMOTED -
        .*                                 QUARANTINE  .*  QUARANTINED -
        .*                                 REJECT      .*  REJECTED -
        .*                                 LACK        .*  INCOMPLETE -
        .*                                 .*          .*  !OUT_OF_SEQUENCE
    """,
    "TRADING": """
        ACTIVE    TO_ACTIVE    .*  !ALREADY_THERE
        REDUCING  TO_REDUCING  .*  !ALREADY_THERE
        HALTED    TO_HALTED    .*  !ALREADY_THERE
        .*        TO_ACTIVE    .*  ACTIVE -
        .*        TO_REDUCING  .*  REDUCING -
        .*        TO_HALTED    .*  HALTED -
    """,
    "VA": """
        UNSUPPORTED  .*                .*  !UNSUPPORTED
        .*           DUPLICATE_ID      .*  !DUPLICATE
        .*           NOT_TRADING       .*  !NOT_TRADING
        .*           FILTER_FAILED     .*  !FILTER
        .*           DATE_PASSED       .*  !DATE_PASSED
        .*           LIMIT_REACHED     .*  !LIMIT
        .*           NOTHING_TO_REDUCE .*  !REDUCE_ONLY
        AT_.*        .*                .*  . wait_for_auction
        MAKER_.*     MARKETABLE_.*     .*  !WOULD_TAKE
        LIMIT_GT.*   MARKETABLE_.*     .*  . take_then_rest
        LIMIT_GT.*|MAKER_.*  .*        .*  . rest
        LIMIT_FOK    MARKETABLE_ENOUGH .*  . take_then_cancel
        LIMIT_FOK    MARKETABLE_USED   .*  . kill_and_use
        LIMIT_FOK    .*                .*  . kill
        LIMIT_IOC    MARKETABLE_.*     .*  . take_then_cancel
        LIMIT_IOC    .*                .*  . cancel_whole
        MARKET       MARKETABLE_.*     .*  . take_then_end
        MARKET       .*                .*  . find_nothing
    """,
    "VT": """
        UNKNOWN         .*                            .*  !UNKNOWN_ORDER
        CLOSED          .*                            .*  !TOO_LATE
        .*              CANCEL|DATE_REACHED|CHANCE_OVER  .*  CLOSED -
        .*              REPLACE_NOT_TRADING           .*  !NOT_TRADING
        .*              REPLACE_FILTER_FAILED         .*  !FILTER
        .*              REPLACE_WOULD_TAKE            .*  !WOULD_TAKE
        .*              REPLACE_OVER_LIMIT            .*  !LIMIT
        .*              REPLACE_NOT_LESS              .*  !NOT_LESS
        .*              REPLACE_TO_BACK               .*  RESTING amend_to_back
        FILLED          .*                            .*  !TOO_LATE
        RESTING         FILLED_UP                     .*  FILLED -
        RESTING         PREVENTED|POSITION_GONE       .*  CLOSED -
        RESTING         POSITION_SMALLER              .*  RESTING amend_in_place
        RESTING         REPLACE_AT_OR_BELOW_EXECUTED  .*  FILLED end_filled
        RESTING         REPLACE_IN_PLACE              .*  RESTING amend_in_place
    """,
    "LEG": """
        DONE             .*            .*  !OVER
        AWAITED          CAME          .*  HELD -
        .*               CAME          .*  !ALREADY_THERE
        HELD             RELEASED      .*  OPEN -
        .*               RELEASED      .*  !NOT_HELD
        AWAITED          ENDED         .*  !NOT_THERE
        OPEN             LEADER_ENDED  .*  !NOT_HELD
        .*               .*            .*  DONE -
    """,
    "VC": """
        OVER      .*             .*                        !NOT_WAITING
        ARRIVING  ARRIVES        would_trigger             !ALREADY_REACHED
        ARRIVING  ARRIVES        may_wait                  WAITING -
        ARRIVING  ARRIVES        trails_at_once            TRAILING follow
        ARRIVING  ARRIVES        trails_later              DORMANT -
        ARRIVING  .*             .*                        !NOT_THERE
        .*        ARRIVES        .*                        !ARRIVED_BEFORE
        WAITING   SEEN           is_reached                OVER -
        DORMANT   SEEN           is_reached                TRAILING follow
        TRAILING  SEEN           leads                     . follow
        TRAILING  SEEN           came_back                 OVER -
        .*        CANCEL|DATE_REACHED  .*                  OVER -
        .*        .*             .*                        . -
    """,
    "VI": """
        GONE      .*       .*                      !NOTHING_LEFT
        .*        TRADED   some_shown_is_left      . trade
        .*        TRADED   reloads_and_hides       HIDES reload
        .*        TRADED   reloads_the_last        SHOWS reload
        .*        TRADED   all_trades              GONE finish
        .*        AMENDED  still_hides             HIDES amend
        .*        AMENDED  only_shown_is_left      SHOWS amend
        .*        AMENDED  ends                    GONE cut
    """,
    "VP": """
        CLOSING|CLOSED         TO_PRE_OPEN       .*  OPENING expire_closes
        .*                     TO_PRE_OPEN       .*  OPENING take
        CONTINUOUS|CLOSING     TO_AUCTION        .*  CLOSING take
        .*                     TO_AUCTION        .*  OPENING take
        CLOSING|CLOSED         TO_CONTINUOUS     .*  CONTINUOUS expire_closes
        .*                     TO_CONTINUOUS     .*  CONTINUOUS take
        .*                     TO_HALTED         .*  HALTED take
        .*                     TO_CLOSED         .*  CLOSED expire_opens
        .*                     TO_DELISTED       .*  DELISTED expire_all
        CONTINUOUS             NEW|REPLACE       .*  . take
        OPENING                NEW_AT_OPEN       .*  . take
        OPENING|CONTINUOUS|CLOSING  NEW_AT_CLOSE .*  . take
        .*                     NEW.*|REPLACE     .*  !NOT_TRADING
        CONTINUOUS             CONTINUOUS_PRINT  .*  . expire_opens
        DELISTED               AUCTION_PRINT     .*  . take
        CLOSING|CLOSED         AUCTION_PRINT     .*  . fill_closes
        .*                     AUCTION_PRINT     .*  . fill_opens
        .*                     CONTINUOUS_PRINT  .*  . take
    """,
    "MP": """
        DELISTED            .*              .*  !TERMINAL
        PRE_OPEN            TO_PRE_OPEN     .*  !ALREADY_THERE
        AUCTION             TO_AUCTION      .*  !ALREADY_THERE
        CONTINUOUS          TO_CONTINUOUS   .*  !ALREADY_THERE
        HALTED              TO_HALTED       .*  !ALREADY_THERE
        CLOSED              TO_CLOSED       .*  !ALREADY_THERE
        .*                  TO_CONTINUOUS   .*  CONTINUOUS uncross_and_go_on
        AUCTION             TO_CLOSED       .*  CLOSED uncross
        .*                  TO_DELISTED     .*  DELISTED empty
        .*                  TO_PRE_OPEN     .*  PRE_OPEN turn
        .*                  TO_AUCTION      .*  AUCTION turn
        .*                  TO_HALTED       .*  HALTED turn
        .*                  TO_CLOSED       .*  CLOSED turn
        .*                  CANCEL          .*  . withdraw
        .*                  AMEND           .*  . lessen
        AUCTION|CONTINUOUS  NEW             .*  . enter
        AUCTION|CONTINUOUS  REPLACE         .*  . exchange
        .*                  .*              .*  !NOT_TRADING
    """,
    "MA": """
        UNSUPPORTED      .*         .*                  !UNSUPPORTED
        .*               OLD_ID     .*                  !DUPLICATE
        .*               OFF_TERMS  .*                  !TERMS
        STOP|STOP_LIMIT  REACHED    .*                  !WOULD_TRIGGER
        STOP|STOP_LIMIT  .*         .*                  . hold
        LIMIT            REACHED    .*                  . take_then_rest
        LIMIT            .*         .*                  . rest
        .*               IN_CALL    .*                  !NOT_IN_CALL
        MAKER            AWAY       .*                  . rest
        MAKER            REACHED    .*                  !WOULD_TAKE
        IOC              AWAY       .*                  . cancel_whole
        IOC              REACHED    .*                  . take_then_cancel
        FOK              REACHED    all_can_be_had      . take_then_cancel
        FOK              .*         .*                  . kill
        MARKET           AWAY       .*                  . find_nothing
        MARKET           REACHED    .*                  . take_then_end
    """,
    "MM": """
        EXPIRE_TAKER  OF_THE_SAME  .*                . expire_incoming
        EXPIRE_MAKER  OF_THE_SAME  .*                . expire_resting
        EXPIRE_BOTH   OF_THE_SAME  .*                . expire_both
        DECREMENT     OF_THE_SAME  wants_less        . decrement_resting
        DECREMENT     OF_THE_SAME  wants_as_much     . decrement_both
        DECREMENT     OF_THE_SAME  wants_more        . decrement_incoming
        .*            .*           some_stays_shown  . trade_and_keep
        .*            .*           hidden_is_left    . trade_and_reload
        .*            .*           nothing_is_left   . trade_and_end
    """,
    "MO": """
        NEVER|OF_ANOTHER  .*       .*           !UNKNOWN_ORDER
        GONE              .*       .*           !TOO_LATE
        .*                CANCEL   .*           GONE end
        .*                .*       is_no_order  !TERMS
        .*                .*       is_used_up   GONE end
        .*                AMEND    is_less      . shrink
        .*                AMEND    is_no_less   !NOT_SMALLER
        .*                REPLACE  may_move     . move
        .*                REPLACE  would_take   !WOULD_TAKE
    """,
    "EP": """
        ABSENT    JOINED       .*                 STANDING join
        STANDING  JOINED       .*                 !ALREADY_RESTING
        ABSENT    .*           .*                 !NOT_RESTING
        STANDING  CAME         came_before        . let_in
        STANDING  CAME         came_after         . close
        STANDING  WENT|TRADED  stands_ahead       . take_named
        STANDING  WENT|TRADED  stood_there_first  . take_unnamed
        STANDING  GREW         stands_ahead       . grow_named
        STANDING  GAP          .*                 . censor
        STANDING  LEFT         .*                 ABSENT leave
        STANDING  AMENDED      loses_priority     ABSENT leave
        STANDING  .*           .*                 . -
    """,
    "FEE": """
        .*  IN_DISCOUNT_ASSET  .*  . charge_discounted
        .*  .*                 .*  . charge_ordinary
    """,
    "FUND": """
        NOT_LINEAR  .*            .*  . is_not_funded
        NOTHING     .*            .*  . owes_nothing
        LONG|SHORT  MARK_KNOWN    .*  . pays
        LONG|SHORT  MARK_UNKNOWN  .*  . stays_unpaid
    """,
    "JC": """
        FAILED        .*              .*       !ENDED
        .*            ERROR           .*       FAILED -
        IDLE|WRITTEN  FRAMES_WRITTEN  is_more  WRITTEN note_written
        WRITTEN       LOG_SYNCED      .*       SYNCED note_synced
        SYNCED        MARK_WRITTEN    .*       MARKED note_marked
        MARKED        MARK_SYNCED     .*       IDLE acknowledge
        .*            .*              .*       !OUT_OF_ORDER
    """,
    "JR": """
        START                SLOTS_READ            .*                 BELOW take_mark
        START                SLOTS_DAMAGED         .*                 !SLOTS_DAMAGED
        START                SLOTS_CONTRADICT      .*                 !SLOTS_CONTRADICT
        START                SLOTS_FOREIGN         .*                 !SLOTS_FOREIGN
        START                SLOTS_MISSING         .*                 !SLOTS_MISSING
        WHOLE|CUT            SNAPSHOT_WHOLE        is_held            . use_snapshot
        WHOLE|CUT            SNAPSHOT_WHOLE        is_ahead           !SNAPSHOT_AHEAD
        WHOLE|CUT            SNAPSHOT_DAMAGED      .*                 . pass_over
        WHOLE|CUT            SNAPSHOT_FOREIGN      .*                 !SNAPSHOT_FOREIGN
        START|WHOLE|CUT      .*                    .*                 !OUT_OF_TURN
        .*                   SLOTS.*|SNAPSHOT.*    .*                 !OUT_OF_TURN
        BELOW|BEYOND|UNSURE  SEGMENT_DAMAGED       .*                 !SEGMENT_DAMAGED
        BELOW|BEYOND|UNSURE  SEGMENT_FOREIGN       .*                 !SEGMENT_FOREIGN
        BELOW|BEYOND|UNSURE  SEGMENT_UNLINKED      .*                 !SEGMENT_UNLINKED
        BELOW|BEYOND|UNSURE  SEGMENT_MISSING       .*                 !SEGMENT_MISSING
        BELOW|BEYOND|UNSURE  FRAME_CHAIN_BROKEN    .*                 !FRAME_CHAIN_BROKEN
        BELOW|BEYOND|UNSURE  FRAME_POSITION_WRONG  .*                 !FRAME_POSITION_WRONG
        BELOW|BEYOND|UNSURE  FRAME_UNREADABLE      .*                 !FRAME_UNREADABLE
        .*                   SEGMENT_OPENED        .*                 . go_on
        .*                   SEGMENT_ENDED         .*                 . stay
        BELOW                .*                    is_past_mark       !MARK_DISAGREES
        BELOW                SEALED_SEGMENT        .*                 . go_on
        .*                   SEALED_SEGMENT        .*                 !OUT_OF_TURN
        .*                   FRAME_WHOLE           .*                 . go_on
        BELOW                FRAME_SHORT           .*                 !FRAME_SHORT
        BELOW                FRAME_HEADER_DAMAGED  .*                 !FRAME_HEADER_DAMAGED
        BELOW                FRAME_BODY_DAMAGED    .*                 !FRAME_BODY_DAMAGED
        BEYOND               FRAME_.*              is_last            CUT cut
        BEYOND               FRAME_.*              is_not_last        !SEGMENT_NOT_LAST
        UNSURE               FRAME_.*              .*                 !MARK_UNSURE
        BELOW                MARK_REACHED          agrees_surely      BEYOND stay
        BELOW                MARK_REACHED          agrees_unsurely    UNSURE stay
        BELOW                MARK_REACHED          .*                 !MARK_DISAGREES
        .*                   MARK_REACHED          .*                 !OUT_OF_TURN
        BELOW                LOG_ENDED             .*                 !LOG_SHORT
        .*                   LOG_ENDED             .*                 WHOLE keep
    """,
}

NAMES = {table.name: table for table in TABLES.values()}
LINES = {
    name: [line.split(maxsplit=3) for line in text.splitlines() if line.strip()]
    for name, text in READINGS.items()
}
CASES = [(NAMES[name], rule) for name in READINGS for rule in NAMES[name].rules]


def line_for(table: Table[Any, Any], rule: Rule) -> int:
    """The first line that fits a rule, -1 when none does."""
    names = (table.states(rule.source).name, table.events(rule.event).name, rule.guard.__name__)
    for number, (*patterns, _) in enumerate(LINES[table.name]):
        if all(re.fullmatch(p, name) for p, name in zip(patterns, names, strict=True)):
            return number
    return -1


@pytest.mark.parametrize(("table", "rule"), CASES, ids=[rule.id for _, rule in CASES])
def test_a_rule_is_what_the_reading_says(table: Table[Any, Any], rule: Rule) -> None:
    number = line_for(table, rule)
    assert number >= 0
    means = LINES[table.name][number][3].split()
    if isinstance(rule, Refuse):
        assert means == [f"!{table.codes(rule.code).name}"]
    else:
        target = table.states(rule.source).name if means[0] == "." else means[0]
        assert table.states(rule.target).name == target
        assert rule.effect.__name__ == {"-": "unchanged"}.get(means[1], means[1])


@pytest.mark.parametrize("name", READINGS)
def test_every_line_is_needed(name: str) -> None:
    table = NAMES[name]
    assert {line_for(table, rule) for rule in table.rules} == set(range(len(LINES[name])))


def test_every_table_has_a_reading() -> None:
    assert set(READINGS) | {"OL"} == set(NAMES)


def test_session_events_of_the_stream() -> None:
    """The rest is concluded: nobody sends it."""
    assert SESSION_EVENT_OF_KIND == {
        EventKind.SESSION_STARTED: SessionEvent.START,
        EventKind.SESSION_PAUSED: SessionEvent.PAUSE,
        EventKind.SESSION_RESUMED: SessionEvent.RESUME,
        EventKind.SESSION_STOPPED: SessionEvent.STOP,
    }
