"""What is kept of a run: tables of integers, equity, checkpoints, and every decision record.

What it decides: when something is noted, so that a run leaves the same tables whoever watches it.
Fills and Requests are noted when they happen; equity with each fill and every so many positions;
a checkpoint at every multiple of `checkpoint_every` and at the end. Nothing here is State.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Any

from tickproof.kernel.kernel import Kernel
from tickproof.kernel.orders import to_ticket, total
from tickproof.kernel.tape import Stamped
from tickproof.runtime.engine import Observer
from tickproof.spec.events import EventKind
from tickproof.spec.instructions import INSTRUCTION_FIELDS
from tickproof.spec.order_life import status
from tickproof.spec.outputs import RECORD_FIELDS, Record, RecordKind
from tickproof.venue.funding import FundingDesk

FILL = int(RecordKind.FILL)
REQUEST = int(RecordKind.REQUEST)
FUNDING_PAID = int(EventKind.FUNDING_PAID)

FILL_COLUMNS = ("position", "now_ns", *RECORD_FIELDS[RecordKind.FILL])
REQUEST_COLUMNS = (
    "position",
    "now_ns",
    *RECORD_FIELDS[RecordKind.REQUEST],
    *INSTRUCTION_FIELDS,
)
NO_INSTRUCTIONS = (0,) * len(INSTRUCTION_FIELDS)
PLAIN_LENGTH = 1 + len(RECORD_FIELDS[RecordKind.REQUEST])
EQUITY_COLUMNS = ("position", "now_ns", "instrument", "quantity", "realised", "unrealised", "fees")
"""`realised`: by trading, and funding received less funding paid."""

FUNDING_COLUMNS = ("position", "now_ns", "account", "instrument", "asset", "amount")
ORDER_COLUMNS = (
    "order_id",
    "strategy",
    "account",
    "instrument",
    "side",
    "order_type",
    "time_in_force",
    "price",
    "total",
    "executed",
    "life",
    "status",
    "origin",
)
CHECKPOINT_COLUMNS = ("position", "chain")
OUTPUT_COLUMNS = ("position", "index", "kind", "fields")

Rows = list[tuple[Any, ...]]
Output = tuple[int, int, int, tuple[int, ...]]
"""A decision record: its position, its index there, its kind and its fields."""

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


class Outputs:
    """Decision records by position, as columns: a long run has millions of them.

    Iterating gives `Output` tuples. `position`, `index`, `kind`: `array('q')`, one entry a
    record; the fields of record i are `fields[offset[i]:offset[i + 1]]`. A record with an integer
    beyond int64 (money has no limit) is in `wide` by its number instead.
    """

    __slots__ = ("position", "index", "kind", "offset", "fields", "wide")

    def __init__(self) -> None:
        self.position = array("q")
        self.index = array("q")
        self.kind = array("q")
        self.offset = array("q", (0,))
        self.fields = array("q")
        self.wide: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self.position)

    def __iter__(self) -> Iterator[Output]:
        for number in range(len(self)):
            yield self[number]

    def __getitem__(self, number: int) -> Output:
        first, last = self.offset[number], self.offset[number + 1]
        fields = self.wide.get(number) or tuple(self.fields[first:last])
        return self.position[number], self.index[number], self.kind[number], fields

    def append(self, position: int, index: int, record: Record) -> None:
        """One more record."""
        fields = record[1:]
        try:
            self.fields.extend(fields)
        except OverflowError:
            # `extend` stops at the integer that does not fit: take back what went in.
            del self.fields[self.offset[-1] :]
            self.wide[len(self)] = fields
        self.position.append(position)
        self.index.append(index)
        self.kind.append(record[0])
        self.offset.append(len(self.fields))


class Recorder(Observer):
    """Keeps what a run shows; see the module's text. `sent_ns`: when each Request left.

    By instrument: `discounts`, fees taken in a discount asset, in its units; `received`, funding
    received less funding paid, of which `funding` has a row each. `unpaid`: how often a position
    was held at a funding time without a mark; `late`: rates told after their time.
    """

    def __init__(
        self,
        checkpoint_every: int,
        equity_every: int,
        keep_outputs: bool,
        progress: Progress | None,
    ) -> None:
        self.fills: Rows = []
        self.requests: Rows = []
        self.sent_ns = array("q")
        self.equity: Rows = []
        self.funding: Rows = []
        self.discounts: dict[int, int] = {}
        self.received: dict[int, int] = {}
        self.unpaid = self.late = 0
        self.checkpoints: Rows = []
        self.outputs = Outputs()
        self.every_record = keep_outputs
        self.progress = progress
        self.checkpoint_every = checkpoint_every
        self.equity_every = equity_every
        self.next_checkpoint = checkpoint_every
        self.next_equity = 1
        self.mark = 1

    def on_step(self, kernel: Kernel) -> None:
        """Keep the records that are tables; an equity point with every fill."""
        position = kernel.position - 1
        filled = False
        for index, record in enumerate(kernel.records):
            kind = record[0]
            if kind == FILL:
                self.fills.append((position, kernel.now_ns, *record[1:]))
                filled = True
                self._note_discount(kernel, record[3], record[9], record[10])
            elif kind == REQUEST:
                asked = () if len(record) > PLAIN_LENGTH else NO_INSTRUCTIONS
                self.requests.append((position, kernel.now_ns, *record[1:], *asked))
            if self.every_record:
                self.outputs.append(position, index, record)
        if filled:
            self._note_equity(kernel)

    def _note_discount(self, kernel: Kernel, instrument: int, fee: int, asset: int) -> None:
        """A fee was paid."""
        if asset == kernel.configuration.instruments[instrument].fees.discount_asset:
            self.discounts[instrument] = self.discounts.get(instrument, 0) + fee

    def on_account(self, event: Stamped, kernel: Kernel) -> None:
        """Keep what funding was paid or received."""
        if event.kind == FUNDING_PAID:
            account, instrument, asset, amount = event.values
            row = (kernel.position - 1, kernel.now_ns, account, instrument, asset, amount)
            self.funding.append(row)
            self.received[instrument] = self.received.get(instrument, 0) + amount
            self._note_equity(kernel)

    def note_unpaid(self, desk: FundingDesk | None) -> None:
        """Keep what the venue could not pay."""
        if desk is not None:
            self.unpaid, self.late = len(desk.unpaid), desk.late()

    def on_sent(self, sent_ns: int) -> None:
        """Keep when a Request left: what a venue without strategies is fed with."""
        self.sent_ns.append(sent_ns)

    def on_mark(self, kernel: Kernel) -> None:
        """An equity point or a checkpoint is due."""
        if kernel.position >= self.next_equity:
            self._note_equity(kernel)
            self.next_equity = kernel.position + self.equity_every
        if kernel.position >= self.next_checkpoint:
            self._note_checkpoint(kernel)
            self.next_checkpoint += self.checkpoint_every
        self.mark = min(self.next_equity, self.next_checkpoint)

    def on_progress(self, done: int, total: int) -> None:
        """Pass it on."""
        if self.progress is not None:
            self.progress("run", done, total)

    def finish(self, kernel: Kernel) -> None:
        """The last equity point and checkpoint."""
        self._note_equity(kernel)
        if not self.checkpoints or self.checkpoints[-1][0] != kernel.position:
            self._note_checkpoint(kernel)

    def _note_checkpoint(self, kernel: Kernel) -> None:
        self.checkpoints.append((kernel.position, kernel.chain_digest().hex()))

    def _note_equity(self, kernel: Kernel) -> None:
        position = kernel.position - 1
        if self.equity and self.equity[-1][0] == position:
            return
        ledger = kernel.execution.ledger
        for instrument, market in enumerate(kernel.markets):
            cell = ledger.cell_of(0, instrument)
            mark = market.reference_price()
            unrealised = ledger.unrealised(0, instrument, mark) if mark > 0 else 0
            self.equity.append(
                (
                    position,
                    kernel.now_ns,
                    instrument,
                    ledger.quantities[cell],
                    ledger.realised[cell] + self.received.get(instrument, 0),
                    unrealised,
                    fees_in_quote(kernel, instrument, self.discounts.get(instrument, 0)),
                )
            )


def fees_in_quote(kernel: Kernel, instrument: int, discounts: int = 0) -> int:
    """Fees of an instrument's fills in quote units, each part rounded up.

    Base fees at the reference price; `discounts`, units of its discount asset, at the declared one.
    """
    ledger = kernel.execution.ledger
    cell = ledger.cell_of(0, instrument)
    base = ledger.fees_base[cell]
    mark = kernel.markets[instrument].reference_price()
    worth = mark * base * ledger.money_per_price_lot[instrument]
    schedule = kernel.configuration.instruments[instrument].fees
    discounted = -(-discounts * schedule.quote_units // schedule.discount_units)
    return ledger.fees_quote[cell] - (-worth // ledger.base_per_lot[instrument]) + discounted


def order_rows(kernel: Kernel) -> Rows:
    """Every order as State has it at the end."""
    return [
        (
            order.order_id,
            order.strategy,
            order.account,
            order.instrument,
            order.side,
            order.order_type,
            order.time_in_force,
            order.price,
            total(order),
            order.executed,
            order.life,
            int(status(to_ticket(order).order)),
            order.origin,
        )
        for order in kernel.execution.orders.values()
    ]
