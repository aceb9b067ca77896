"""The order-life table read a second time: by guard, not by event, and written by hand.

A line says what a guard means for a kind of event: a refusal's code, or an effect and the life it
leads to (`.` the same life). Lines are tried from above; the first that fits a rule decides. The
table is built the other way round, event by event for groups of lives, so one slip in either
shows.
"""

import re

import pytest

from tickproof.spec.order_life import TABLE, Life, OrderEvent, OrderRefusal
from tickproof.spec.table import Refuse, Rule

READING = """
# event                  life               guard                  means
  REQUEST_NEW              ABSENT             always                 submit SUBMITTED
  REQUEST_NEW              .*                 always                 !DUPLICATE_ORDER
  REQUEST_REPLACE|REQUEST_CANCEL ABSENT             always                 !UNKNOWN_ORDER
  REQUEST_REPLACE|REQUEST_CANCEL CANCELED|EXPIRED|REJECTED always                 !ORDER_DEAD
  REQUEST_REPLACE          .*                 gate_open              ask_replace .
  REQUEST_CANCEL           .*                 nothing_pending        ask_cancel .
  REQUEST_.*               .*                 gate_shut|something_pending !REQUEST_IN_FLIGHT

# Whatever names a Request: an answer comes once, to what was asked.
  .*                       .*                 answers_closed|final_closed !ALREADY_ANSWERED
  .*                       .*                 answers_wrongly        !WRONG_ANSWER
  .*_REJECTED|DISPATCH_FAILED|OUTCOME_UNKNOWN  .*  unsolicited  !UNSOLICITED_ANSWER
  OUTCOME_UNKNOWN          .*                 answers_doubt          !ALREADY_IN_DOUBT

# A death the venue reported stands; what it cannot have meant is refused.
  CANCELED|EXPIRED|REJECTED .*                 final_unsolicited      !ORDER_DEAD
  .*  .*  final_unsolicited|final_death|alive_and_final  !CONTRADICTS_DEATH
  ACCEPTED|HELD            .*                 final_open             accept .
  .*                       .*                 final_open             settle .

# An inferred death is revoked by evidence, with the effect the evidence has on the living.
  ACCEPTED                 .*                 inferred_and_sound     revive_bound WORKING
  HELD                     .*                 inferred_and_sound     revive_bound HELD
  CANCELED                 .*                 inferred_and_sound     confirm_death CANCELED
  EXPIRED                  .*                 inferred_and_sound     confirm_death EXPIRED
  REJECTED                 .*                 inferred_and_sound     confirm_death REJECTED
  .*                       .*                 fresh_and_inferred     revive_filled WORKING
  .*                       .*                 inferred_same_leg      revive_replaced WORKING
  .*                       .*                 inferred_new_leg       revive_new_leg WORKING
  RESTATED                 .*                 inferred_death         revive_restated WORKING
  PREVENTED                .*                 inferred_death         revive_prevented WORKING
  TRIGGERED                .*                 inferred_death         revive WORKING
  SUSPENDED                .*                 inferred_death         revive SUSPENDED
  DONE_FOR_DAY             .*                 inferred_death         revive_day_done DONE_FOR_DAY
  OPERATOR_DISPOSITION     .*                 inferred_active        revive_cleared WORKING
  REINSTATED               .*                 inferred_active        revive WORKING
  REINSTATED               .*                 inferred_inactive      revive HELD

# Fills are money: a new one counts everywhere, a known one never again.
  FILL.*                   .*                 fill_repeated|fill_gone !DUPLICATE_FILL
  FILL_VOIDED|FILL_CORRECTED ABSENT             fill_effective         !UNKNOWN_ORDER
  FILLED|FILL_CORRECTED    ABSENT             fill_fresh             adopt_filled WORKING
  .*                       .*                 fresh_and_final        fill .
  FILLED|FILL_CORRECTED    SUSPENDED          fill_fresh             fill .
  FILLED|FILL_CORRECTED    .*                 fill_fresh             fill WORKING
  FILLED                   SUBMITTED|HELD|DONE_FOR_DAY fill_tombstoned        unchanged WORKING
  FILLED                   .*                 fill_tombstoned        unchanged .
  FILL_VOIDED              .*                 fill_fresh             unchanged .
  FILL_VOIDED              .*                 fill_effective         void .
  FILL_CORRECTED           SUBMITTED          fill_effective         correct WORKING
  FILL_CORRECTED           .*                 fill_effective         correct .

# Answers to a NEW; later they bind the venue's id and nothing more.
  ACCEPTED                 ABSENT             always                 adopt WORKING
  HELD                     ABSENT             always                 adopt HELD
  ACCEPTED                 SUBMITTED          answers_open           accept WORKING
  HELD                     SUBMITTED          answers_open           accept HELD
  ACCEPTED                 SUBMITTED          unsolicited            bind WORKING
  HELD                     SUBMITTED          unsolicited            bind HELD
  ACCEPTED|HELD            .*                 answers_open           accept .
  ACCEPTED|HELD            .*                 unsolicited            bind .

# Nothing else is known of an order that does not exist.
  .*                       ABSENT             always                 !UNKNOWN_ORDER

# Deaths.
  CANCELED                 .*                 answers_open           settle CANCELED
  CANCELED                 .*                 unsolicited            unchanged CANCELED
  EXPIRED                  .*                 answers_open           settle EXPIRED
  EXPIRED                  .*                 unsolicited            unchanged EXPIRED
  REJECTED                 .*                 answers_open           settle REJECTED
  REJECTED                 .*                 unsolicited            unchanged REJECTED

# Terms: whoever has terms at the venue is at the venue.
  REPLACED                 SUBMITTED          .*_same_leg            replace_terms WORKING
  REPLACED                 SUBMITTED          .*_new_leg             replace_leg WORKING
  REPLACED                 .*                 .*_same_leg            replace_terms .
  REPLACED                 .*                 .*_new_leg             replace_leg .
  RESTATED                 SUBMITTED|DONE_FOR_DAY always                 restate WORKING
  RESTATED                 .*                 always                 restate .
  CANCEL_REJECTED          .*                 refused_and_missing    doubt_named .
  CANCEL_REJECTED          .*                 refused_and_alive      settle .
  .*_REJECTED              .*                 answers_open           settle .

# Activity.
  TRIGGERED                SUBMITTED|HELD     always                 unchanged WORKING
  TRIGGERED                WORKING            always                 !ALREADY_ACTIVE
  TRIGGERED                SUSPENDED|DONE_FOR_DAY always                 !NOT_HELD
  SUSPENDED                SUSPENDED          always                 !ALREADY_SUSPENDED
  SUSPENDED                .*                 always                 unchanged SUSPENDED
  DONE_FOR_DAY             DONE_FOR_DAY       always                 !ALREADY_DONE
  DONE_FOR_DAY             .*                 always                 end_day DONE_FOR_DAY
  PREVENTED                SUBMITTED          always                 prevent WORKING
  PREVENTED                .*                 always                 prevent .
  REINSTATED               SUSPENDED          active                 unchanged WORKING
  REINSTATED               SUSPENDED          inactive               unchanged HELD
  REINSTATED               .*                 always                 !NOT_SUSPENDED

# What is concluded here.
  DISPATCH_FAILED          SUBMITTED          opens_new              never_left REJECTED
  DISPATCH_FAILED          .*                 opens_other|answers_open settle .
  OUTCOME_UNKNOWN          .*                 answers_pending        put_in_doubt .
  RESTARTED                .*                 something_pending      put_in_doubt .
  RESTARTED                .*                 nothing_pending        !NOTHING_PENDING
  NOT_FOUND                .*                 doubt_unsettled        !STALE
  NOT_FOUND                .*                 nothing_in_doubt       !NO_DOUBT
  NOT_FOUND                SUBMITTED          doubt_settled          infer_death REJECTED
  NOT_FOUND                CANCELED|EXPIRED|REJECTED doubt_settled          clear_doubts .
  NOT_FOUND                .*                 doubt_settled          infer_death CANCELED
  OPERATOR_DISPOSITION     CANCELED|EXPIRED|REJECTED declared_dead          clear_requests .
  OPERATOR_DISPOSITION     .*                 declared_dead          declare_dead CANCELED
  OPERATOR_DISPOSITION     .*                 declared_alive         clear_requests .
"""

LINES = [line.split(maxsplit=3) for line in READING.splitlines() if line.strip() and line[0] != "#"]


def line_for(rule: Rule) -> int:
    """The first line that fits a rule, -1 when none does."""
    names = (
        OrderEvent(rule.event).name,
        Life(rule.source).name,
        rule.guard.__name__,
    )
    for number, (*patterns, _) in enumerate(LINES):
        if all(re.fullmatch(p, name) for p, name in zip(patterns, names, strict=True)):
            return number
    return -1


def said_of(rule: Rule) -> str:
    """What the table says, in the words of the reading; a life that stays is `.`."""
    if isinstance(rule, Refuse):
        return f"!{OrderRefusal(rule.code).name}"
    return f"{rule.effect.__name__} {Life(rule.target).name}"


@pytest.mark.parametrize("rule", TABLE.rules, ids=lambda rule: rule.id)
def test_a_rule_is_what_the_reading_says(rule: Rule) -> None:
    number = line_for(rule)
    assert number >= 0
    *_, means = LINES[number]
    assert said_of(rule) == re.sub(r" \.$", f" {Life(rule.source).name}", means.strip())


def test_every_line_is_needed() -> None:
    assert {line_for(rule) for rule in TABLE.rules} == set(range(len(LINES)))


def test_guards_of_a_cell_are_those_of_its_event() -> None:
    """A cell with one rule asks nothing; a cell with several never has a rule that always fits."""
    for row in TABLE.cells.values():
        for cell in row.values():
            names = [rule.guard.__name__ for rule in cell]
            assert ("always" in names) == (len(names) == 1)
