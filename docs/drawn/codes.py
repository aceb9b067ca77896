"""Every code a person may meet: denials, refusals, withdrawals, reasons, and what each means."""

from __future__ import annotations

import inspect
from enum import IntEnum
from typing import Any

from docs.drawn.markdown import code, escaped, prose, table
from docs.drawn.tables import ordered
from tickproof.kernel import snapshot
from tickproof.kernel.snapshot import SnapshotRefusal
from tickproof.runtime import console, errors
from tickproof.runtime.journal import refusing
from tickproof.runtime.journal.recovery import NoteCode
from tickproof.runtime.journal.refusing import WORDS, FolderRefusal
from tickproof.spec import errors as kernel_errors
from tickproof.spec.events import FillCause, Reason
from tickproof.spec.outputs import AccountRefusal, IntentOutcome, RefusalSource, SurfacedReason
from tickproof.spec.queue_processing import VALIDITY_POLICIES, Validity
from tickproof.spec.risk import POLICIES, DenyCode
from tickproof.spec.table import Refuse, Table

REASONS: dict[IntEnum, str] = {
    Reason.NONE: "no reason is carried",
    Reason.TOO_LATE: "the order was over when the command arrived",
    Reason.UNKNOWN_ORDER: "the venue knows no such order",
    Reason.WOULD_TAKE: "a post-only order would have taken",
    Reason.INSUFFICIENT_BALANCE: "the venue says the account has too little",
    Reason.FILTER: "price, quantity or notional off the instrument's filters",
    Reason.NO_LIQUIDITY: "a market order found nothing more to take",
    Reason.GOOD_TILL_DATE: "the good-till date was reached",
    Reason.INSTRUMENT_NOT_TRADING: "the instrument takes no orders now",
    Reason.DUPLICATE: "the order id was used before",
    Reason.IMMEDIATE_REMAINDER: "what an immediate-or-cancel order could not take",
    Reason.FILL_OR_KILL: "not all of a fill-or-kill order was there",
    Reason.SELF_TRADE: "it would have met an order of the same owner",
    Reason.LIMIT_REACHED: "one open order too many, or too much would be held",
    Reason.REDUCE_ONLY: "it may only reduce a position, and there is not so much of one",
    Reason.WOULD_TRIGGER: "the trigger of a conditional order was reached before it arrived",
    Reason.AUCTION_OVER: "it waited for an auction, and that is over",
    Reason.ORDER_LIST: "another leg of its order list excludes it, or was refused",
    Reason.OTHER: "anything else",
}

SURFACED: dict[IntEnum, str] = {
    SurfacedReason.OVERFILLED: "an order was filled beyond its total",
    SurfacedReason.OVERDRAWN: "an event left a balance below zero or below its locks",
    SurfacedReason.CONTRADICTION: "evidence contradicts a death that the venue reported",
    SurfacedReason.ACKNOWLEDGEMENT_OVERDUE: "a Request has had no answer for the configured time",
    SurfacedReason.CANCEL_OVERDUE: "a CANCEL could not be sent within its deadline",
    SurfacedReason.ADOPTED: "an order nobody here sent was found at the venue",
    SurfacedReason.LATE_FILL: "a fill arrived after the order's death, and was applied",
    SurfacedReason.INFERRED_DEATH: "a death was concluded without the venue's word",
    SurfacedReason.FEED_GAP: "market data is missing; the book is not to be trusted",
}

SOURCES: dict[IntEnum, str] = {
    RefusalSource.ORDER_LIFE: "the order-life table",
    RefusalSource.FILL_LIFE: "the fill-life table; the code is the order table's `DUPLICATE_FILL`",
    RefusalSource.DOMINANCE: "the dominance table",
    RefusalSource.STATUS_REPORT: "a status report that is stale or about an unknown order",
    RefusalSource.TRADING_STATE: "the trading-state table",
    RefusalSource.SESSION: "the session table",
    RefusalSource.CONNECTION: "the connection table",
    RefusalSource.INSTRUMENT_STATUS: "the instrument-status table",
    RefusalSource.ACCOUNT: "an account event about an account, asset or instrument not configured",
}

ACCOUNTS: dict[IntEnum, str] = {
    AccountRefusal.UNKNOWN_ACCOUNT: "no such account is configured",
    AccountRefusal.UNKNOWN_ASSET: "no such asset is configured",
    AccountRefusal.UNKNOWN_INSTRUMENT: "no such instrument is configured",
}

SNAPSHOTS: dict[IntEnum, str] = {
    SnapshotRefusal.DAMAGED: "bytes that were altered or cut short",
    SnapshotRefusal.OTHER_VERSION: "another format",
    SnapshotRefusal.OTHER_CONFIGURATION: "taken under another Configuration",
    SnapshotRefusal.OTHER_CODE: "taken with other code of a strategy",
}

FOLDERS: dict[IntEnum, str] = {
    code: f"expected {WORDS[code][0]}, got {WORDS[code][1]}" for code in FolderRefusal
}

FOUND: dict[IntEnum, str] = {
    NoteCode.SLOT_DAMAGED: "one slot of the watermark cannot be read; the log is whole",
    NoteCode.TAIL_CUT: "an unfinished end that was never acknowledged is cut off",
    NoteCode.TAIL_KEPT: "whole frames beyond the watermark stay, and are acknowledged now",
    NoteCode.SNAPSHOT_DAMAGED: "a snapshot cannot be used; the log says the same",
    NoteCode.UNFINISHED_FILE: "a file that was not finished is removed",
}

OUTCOMES: dict[IntEnum, str] = {
    IntentOutcome.SUPERSEDED: "a later command took its place before it was sent",
    IntentOutcome.MERGED: "it became part of the command already pending",
    IntentOutcome.ANNIHILATED: "a NEW and its CANCEL met before either was sent",
    IntentOutcome.WITHDRAWN: "it was no longer valid; see Queue Processing",
    IntentOutcome.ANSWERED: "its Request was answered",
    IntentOutcome.REFUSED_BY_VENUE: "its Request was refused by the venue",
    IntentOutcome.IN_DOUBT: "its Request was settled as not found, or by an operator",
    IntentOutcome.NOT_SENT: "its Request is proved never to have left",
}

CAUSES: dict[IntEnum, str] = {
    FillCause.VENUE: "reported by a venue that names no cause",
    FillCause.PRINT: "it rested, and a print reached past what was ahead of it",
    FillCause.CROSSED_BOOK: "it rested, and the other side was shown at or through its price",
    FillCause.SWEEP: "on arrival it took what was shown within its limit",
    FillCause.AUCTION: "it waited for an auction, and took part in its print",
}

EXITS = {
    "EXIT_DIFFERENT": "a comparison found a difference",
    "EXIT_INPUT": "bad input or a missing extra: one line on stderr, nothing written",
    "EXIT_STRATEGY": "a strategy failed: what was written is whole up to that position",
    "EXIT_DEFECT": "a rule of the specification does not hold: a defect of tickproof",
    "EXIT_STORAGE": "a disk failed under a journal: what was acknowledged is safe, nothing more",
    "EXIT_INTERRUPTED": "interrupted, nothing written",
}
"""Meaning of every exit code but 0."""


def pages() -> dict[str, str]:
    """errors.md."""
    parts = [
        "# Codes and errors",
        (
            "What is expected to go wrong is a value with a code, counted and recorded; what must "
            "not happen is an exception that stops the kernel."
        ),
        "## Exit codes",
        table(("code", "meaning"), exit_codes()),
        "## Exceptions",
        table(("exception", "meaning"), exceptions()),
        "## Risk",
        (
            "Why an Intent was denied (`DENIED` records), in order of precedence: the first "
            "policy that denies gives the reason. A CANCEL is never denied."
        ),
        table(("code", "", "denies", "serves"), denials()),
        "## Queue Processing",
        (
            "Why a queued command was withdrawn; of several reasons the first. The outcome "
            "recorded is `WITHDRAWN`."
        ),
        table(("code", "", "withdraws"), withdrawals()),
        *refusals(),
        "## Carried and recorded codes",
    ]
    for kind, meanings in (
        (Reason, REASONS),
        (FillCause, CAUSES),
        (SurfacedReason, SURFACED),
        (RefusalSource, SOURCES),
        (AccountRefusal, ACCOUNTS),
        (IntentOutcome, OUTCOMES),
        (SnapshotRefusal, SNAPSHOTS),
        (FolderRefusal, FOLDERS),
        (NoteCode, FOUND),
    ):
        parts += [f"### {kind.__name__}", prose(kind), meanings_of(kind, meanings)]
    return {"errors.md": "\n\n".join(parts)}


def exit_codes() -> list[tuple[str, str]]:
    """Every exit code, each of them explained."""
    found = {name: value for name, value in vars(console).items() if name.startswith("EXIT_")}
    if set(found) != set(EXITS):
        raise ValueError(f"exit codes without a meaning: {sorted(set(found) ^ set(EXITS))}")
    done = ("0", "done; of a comparison: equal")
    return [done, *((str(found[name]), EXITS[name]) for name in EXITS)]


def meanings_of(kind: type[IntEnum], meanings: dict[IntEnum, str]) -> str:
    """A table of an enumeration whose members are explained here, each of them."""
    if set(meanings) != set(kind):
        raise ValueError(f"{kind.__name__}: explained {sorted(meanings)}, has {list(kind)}")
    return table(
        ("code", "", "meaning"),
        [(code(member.name), str(int(member)), meanings[member]) for member in kind],
    )


def exceptions() -> list[tuple[str, str]]:
    """Exception classes a user can meet."""
    found = []
    for module in (errors, kernel_errors, snapshot, refusing):
        for name, value in vars(module).items():
            own = inspect.isclass(value) and value.__module__ == module.__name__
            if own and issubclass(value, Exception):
                found.append((code(f"{module.__name__}.{name}"), prose(value)))
    return found


def denials() -> list[tuple[str, str, str, str]]:
    """Risk's codes by policy."""
    return [
        (
            code(DenyCode(policy.code).name),
            str(policy.code),
            prose(policy.denies),
            ", ".join(policy.requirements),
        )
        for policy in POLICIES
    ]


def withdrawals() -> list[tuple[str, str, str]]:
    """Queue Processing's codes by policy."""
    return [
        (code(Validity(kind).name), str(int(kind)), prose(policy))
        for kind, policy in VALIDITY_POLICIES
    ]


def refusals() -> list[str]:
    """A section per table that refuses anything."""
    parts = []
    for name, each in ordered():
        if each.refusals():
            parts += [
                f"## {each.title}",
                f"Refusals of [{each.title}](tables/{name}.md), `{each.codes.__name__}`. "
                + escaped(said_of(each.codes)),
                table(("code", "", "refused when"), refusal_lines(each)),
            ]
    return parts


def said_of(kind: type[IntEnum]) -> str:
    """What the enumeration's docstring adds about single codes, if it does."""
    paragraphs = inspect.cleandoc(kind.__doc__ or "").split("\n\n", 1)
    text = " ".join((paragraphs[1] if len(paragraphs) > 1 else "").split())
    return text or " ".join(paragraphs[0].partition(". ")[2].split())


def refusal_lines(drawn: Table[Any, Any]) -> list[tuple[str, str, str]]:
    """A code, its number, and the guards under which rules refuse with it."""
    lines = []
    for member in drawn.codes:
        rules = [rule for rule in drawn.refusals() if rule.code == int(member)]
        if rules:
            lines.append((code(member.name), str(int(member)), when(drawn, rules)))
    return lines


def when(drawn: Table[Any, Any], rules: list[Refuse]) -> str:
    """The words of the guards; where there is none, the pairs themselves, shortest way round."""
    words = []
    plain: dict[str, list[str]] = {}
    for rule in rules:
        if rule.guard.__name__ == "always":
            state, event = drawn.states(rule.source).name, drawn.events(rule.event).name
            plain.setdefault(state, []).append(event)
        elif prose(rule.guard) not in words:
            words.append(prose(rule.guard))
    by_events: dict[tuple[str, ...], list[str]] = {}
    for state, events in plain.items():
        by_events.setdefault(tuple(events), []).append(state)
    for together, states in by_events.items():
        everything = len(together) == len(drawn.events)
        what = "anything" if everything else ", ".join(code(event) for event in together)
        where = ", ".join(code(state) for state in states)
        words.append(f"{what} in {where}")
    return "<br>".join(words)
