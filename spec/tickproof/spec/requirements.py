"""Every requirement of the specification, one short statement per id.

This list is the denominator of traceability: each table row, invariant, proof and test names the
ids it serves, and an id that nothing serves is an open promise.
"""

from typing import Final

import attrs


@attrs.frozen
class Requirement:
    """One thing the system promises: its id, what it says, and the topic it belongs to."""

    id: str
    text: str
    section: str


_EVENTS: Final = "Events and State"
_DETERMINISM: Final = "Determinism"
_TIME: Final = "Time"
_SNAPSHOTS: Final = "Snapshots"
_CADENCE: Final = "Decision cadence"
_LIFECYCLES: Final = "Intents and Orders"
_CONTROL: Final = "Execution Control"
_DOMINANCE: Final = "Dominance"
_ORDERS: Final = "Order life"
_RISK: Final = "Risk"
_QUEUE: Final = "Price queue"
_MATCHING: Final = "Matching"
_LEDGER: Final = "Units and ledger"
_FAILURE: Final = "Failure"
_PARITY: Final = "Parity"

REQUIREMENTS: Final[tuple[Requirement, ...]] = (
    Requirement("E1", "Nothing but an Event makes State change.", _EVENTS),
    Requirement(
        "E2",
        "The Event Stream and the Configuration determine State completely; nothing else enters.",
        _EVENTS,
    ),
    Requirement("E3", "Events are appended to the stream and never altered or removed.", _EVENTS),
    Requirement(
        "E4",
        "Events take effect by position; the time stamped on an Event cannot move it.",
        _EVENTS,
    ),
    Requirement(
        "E5",
        "The same inputs produce the same State at each position, regardless of process, Python "
        "version, hash seed, optimisation, time zone, locale, build, entry point and batch size.",
        _EVENTS,
    ),
    Requirement(
        "E6",
        "What the kernel derives is an output at (position, index) and is compared on replay, "
        "never fed back; what it cannot derive is supplied by the Runtime as an Event.",
        _EVENTS,
    ),
    Requirement("D1", "Everything can be replayed, what Strategies decided too.", _DETERMINISM),
    Requirement(
        "D2",
        "Neither the wall clock nor how threads are scheduled affects State or dispatch.",
        _DETERMINISM,
    ),
    Requirement("D3", "No component keeps mutable state out of sight.", _DETERMINISM),
    Requirement("D4", "One set of rules serves history and live trading alike.", _DETERMINISM),
    Requirement(
        "D5",
        "Outputs are part of the chain, so a replay that decides otherwise stops at the first "
        "position that differs and reports what was expected and what happened.",
        _DETERMINISM,
    ),
    Requirement(
        "D6",
        "Adding an idle instrument, timer or Strategy leaves every other result as it was, "
        "position numbers aside, wherever no shared resource couples them.",
        _DETERMINISM,
    ),
    Requirement(
        "D7",
        "The chain digest covers Events and decision records in fixed segments; the state digest "
        "covers the live structures, so a corrupted field of either is noticed.",
        _DETERMINISM,
    ),
    Requirement(
        "T1",
        "Event Time and Capture Time are integer nanoseconds and describe, never order.",
        _TIME,
    ),
    Requirement(
        "T2", "Causality is Processing Order; Configuration says how sources are merged.", _TIME
    ),
    Requirement(
        "T3",
        "The kernel's present never moves back, and a stamp that would advance it by more than "
        "the configured jump is counted and ignored as a time.",
        _TIME,
    ),
    Requirement(
        "T4", "A rule that depends on time reads the kernel's present or the Event.", _TIME
    ),
    Requirement(
        "T5",
        "A deadline that State and Configuration imply is published as a Scheduling Obligation, "
        "and the Runtime answers it with a ControlTime Event at exactly that time.",
        _TIME,
    ),
    Requirement("T6", "A ControlTime that is late or repeated has no further effect.", _TIME),
    Requirement(
        "T7",
        "A due obligation is answered at its deadline before any Event that reaches it, and the "
        "kernel will not step over one.",
        _TIME,
    ),
    Requirement(
        "T8",
        "Good-till dates are ended by a venue that supports them and cancelled by request "
        "elsewhere; the kernel declares no Order expired.",
        _TIME,
    ),
    Requirement(
        "S1",
        "A snapshot that bears on State is fixed and versioned and is the same in every replay.",
        _SNAPSHOTS,
    ),
    Requirement(
        "S2", "A snapshot enters as an Event or as an anchor in Configuration only.", _SNAPSHOTS
    ),
    Requirement(
        "S3", "A snapshot takes effect by its position, whatever time it carries.", _SNAPSHOTS
    ),
    Requirement("S4", "Any derived view can be computed again from the stream.", _SNAPSHOTS),
    Requirement(
        "I1", "Only the stream makes a Strategy run: no outside clock or interval does.", _CADENCE
    ),
    Requirement(
        "I2", "A Strategy sees State with the Event that woke it already applied.", _CADENCE
    ),
    Requirement(
        "I3",
        "How often Strategies are consulted neither reorders nor delays nor groups Events.",
        _CADENCE,
    ),
    Requirement("L1", "An Intent is a command that does not outlive its handling.", _LIFECYCLES),
    Requirement("L2", "Intents and Orders each have a lifecycle of their own.", _LIFECYCLES),
    Requirement("L3", "There is no Order before its submission.", _LIFECYCLES),
    Requirement("L4", "An Order moves by Events, in Processing Order.", _LIFECYCLES),
    Requirement("L5", "No stage of an Intent is a state of an Order.", _LIFECYCLES),
    Requirement(
        "EC1", "The Intent Queue is derived and belongs to the Execution domain.", _CONTROL
    ),
    Requirement("EC2", "The queue is worked only while an Event is processed.", _CONTROL),
    Requirement(
        "EC3",
        "Dominance, eligibility, in-flight marks and rate counters are bookkeeping: each follows "
        "from State and none is a source of truth.",
        _CONTROL,
    ),
    Requirement("EC4", "An order key has one pending command at most.", _CONTROL),
    Requirement(
        "EC5",
        "An order key has one request in flight at most; a CANCEL over a doubt is the exception.",
        _CONTROL,
    ),
    Requirement("EC6", "What queue and dominance rules derive is not an Event.", _CONTROL),
    Requirement(
        "EC7", "Obligations are derived; the ControlTime that answers one is canonical.", _CONTROL
    ),
    Requirement(
        "ID1", "No command is sent for an order that the venue was never sent.", _DOMINANCE
    ),
    Requirement(
        "ID2",
        "A CANCEL for a sent order leaves within the configured deadline, or the order is "
        "brought to attention.",
        _DOMINANCE,
    ),
    Requirement(
        "ID3",
        "A sequence of commands folds to the same effective command as the shortest sequence "
        "that means the same.",
        _DOMINANCE,
    ),
    Requirement(
        "OL1",
        "Total plus overfill equals executed, prevented, unrestored, leaves and remainder "
        "together, none negative; executed is the sum of effective fills, and reports that state "
        "executed and leaves agree.",
        _ORDERS,
    ),
    Requirement(
        "OL2",
        "A death the venue reported stands with zero leaves, and evidence against it is refused "
        "and surfaced; only a death that was inferred can be revoked by the venue.",
        _ORDERS,
    ),
    Requirement(
        "OL3",
        "Each distinct fill reaches ledger and executed quantity, whether it comes before the "
        "acknowledgement, after death, beyond the total or for an order nobody here sent.",
        _ORDERS,
    ),
    Requirement(
        "OL4",
        "Venue, account, instrument, venue trade id and order id identify a fill, applied once; "
        "voids and corrections refer to it, the last one counts, and a void may come first.",
        _ORDERS,
    ),
    Requirement(
        "OL5",
        "Only a void or correction lowers the executed quantity, by what it names; it says "
        "whether leaves return, and to a dead order they never do.",
        _ORDERS,
    ),
    Requirement(
        "OL6",
        "Only a replacement or restatement changes the total, to the greater of what was asked "
        "and what is executed; at or below the executed quantity the order ends filled.",
        _ORDERS,
    ),
    Requirement(
        "OL7",
        "An answer settles the request it names: the pending one, a doubted one, or it is refused "
        "as already answered; what nobody asked for settles none, and death leaves it pending.",
        _ORDERS,
    ),
    Requirement(
        "OL8",
        "Silence changes no Order: the request becomes a doubt, only a CANCEL may follow, and "
        "Risk assumes the worst of current, pending and doubted terms.",
        _ORDERS,
    ),
    Requirement(
        "OL9",
        "A status report is expanded into ordinary rows when it is recent enough, else refused as "
        "stale; inferred fills give way to real ones, and repeating a report changes nothing.",
        _ORDERS,
    ),
    Requirement(
        "OL10",
        "Where a venue replaces by cancelling and creating, one Order has two legs and a late "
        "fill on the old leg counts; modes that may leave both alive are refused or linked.",
        _ORDERS,
    ),
    Requirement(
        "OL11",
        "A rejection of a working order ends it; a failed dispatch counts as such only with "
        "proof that nothing left, and is an unknown outcome otherwise.",
        _ORDERS,
    ),
    Requirement(
        "OL12",
        "A Request is stored durably before sending; after a restart every unanswered one is "
        "doubted and none is sent again.",
        _ORDERS,
    ),
    Requirement(
        "R1",
        "An Intent reaches the queue through a Risk decision; cancels the kernel makes itself "
        "are the exception.",
        _RISK,
    ),
    Requirement(
        "R2",
        "Risk decides what is admissible and nothing more: it never delays, and Execution "
        "Control never forbids.",
        _RISK,
    ),
    Requirement("R3", "Each Request goes back to a decision that allowed it.", _RISK),
    Requirement("Q1", "An order that arrives at a price stands last there.", _QUEUE),
    Requirement(
        "Q2",
        "While an order rests under continuous price-time trading, the quantity before it "
        "does not increase.",
        _QUEUE,
    ),
    Requirement(
        "Q3",
        "Which amendments cost an order its place is an attribute of the instrument; making an "
        "order smaller costs nothing.",
        _QUEUE,
    ),
    Requirement("Q4", "Trades take quantity from the head of the queue.", _QUEUE),
    Requirement(
        "Q5",
        "Order-by-order data give exact places; a reloaded iceberg goes to the end.",
        _QUEUE,
    ),
    Requirement(
        "Q6",
        "Level data give an interval for the quantity ahead, whose ends only fall while the "
        "order rests, and which assumes nothing that was not declared for the instrument.",
        _QUEUE,
    ),
    Requirement(
        "Q7",
        "Fill models are named, pure and deterministic; for one fixed request sequence the "
        "pessimistic fills at most what the calibrated does, and that at most the optimistic.",
        _QUEUE,
    ),
    Requirement(
        "Q8",
        "Simulated orders use up a quantity once, and own orders stand in one queue.",
        _QUEUE,
    ),
    Requirement(
        "Q9",
        "No fill precedes arrival at the venue or breaches the limit, and each names its cause.",
        _QUEUE,
    ),
    Requirement(
        "M1",
        "After a step of continuous trading the best bid is below the best offer.",
        _MATCHING,
    ),
    Requirement("M2", "Better prices trade first, and earlier orders at one price.", _MATCHING),
    Requirement("M3", "Matching neither creates nor destroys quantity.", _MATCHING),
    Requirement(
        "M4",
        "Nobody trades at a price worse than their limit; the resting order sets it.",
        _MATCHING,
    ),
    Requirement("M5", "Self-trades are treated as the chosen prevention mode says.", _MATCHING),
    Requirement("M6", "An id is given once.", _MATCHING),
    Requirement("M7", "The fast book and the naive list book behave identically.", _MATCHING),
    Requirement(
        "M8",
        "A call auction trades at a single price that maximises volume, ties broken by rule.",
        _MATCHING,
    ),
    Requirement(
        "A1",
        "The trading position is the net of effective fills, and balances are separate from it.",
        _LEDGER,
    ),
    Requirement(
        "A2",
        "Summed over every account, venue and house too, an asset changes by Transfer alone.",
        _LEDGER,
    ),
    Requirement(
        "A3", "The locked amount is what open orders require, and can be recomputed.", _LEDGER
    ),
    Requirement(
        "A4",
        "A request that was admitted cannot overdraw; a venue Event that does is booked and "
        "surfaced.",
        _LEDGER,
    ),
    Requirement(
        "A5",
        "Cost basis is an integer with each rounding stated: fixed per fill, released pro rata "
        "and downwards, while revaluation is kept in an account of its own.",
        _LEDGER,
    ),
    Requirement(
        "A6",
        "Voids and corrections are booked as reversals where they occur; a balance snapshot "
        "reconciles through a difference account.",
        _LEDGER,
    ),
    Requirement("A7", "Netting and hedge-mode positions can both be represented.", _LEDGER),
    Requirement("F1", "Handling a failure changes State only through the stream.", _FAILURE),
    Requirement("F2", "No failure alters an Order except by an Event.", _FAILURE),
    Requirement("F3", "No authoritative state is hidden from the State.", _FAILURE),
    Requirement("F4", "A failure before dispatch leaves State as it was.", _FAILURE),
    Requirement(
        "F5", "A broken constraint halts processing and says which, where and how.", _FAILURE
    ),
    Requirement(
        "P1",
        "The kernel has neither a branch nor an import by which it could tell who runs it.",
        _PARITY,
    ),
    Requirement(
        "P2",
        "A recorded live stream, replayed as history, gives the same digests at each position.",
        _PARITY,
    ),
    Requirement("P3", "The same Strategy object runs on history and live, unmodified.", _PARITY),
)

_BY_ID: Final = {requirement.id: requirement for requirement in REQUIREMENTS}


def by_id(requirement_id: str) -> Requirement:
    """Look a requirement up; an unknown id is a ``KeyError``."""
    return _BY_ID[requirement_id]
