"""An export read once: where each message's record is, of which conversation it is, and when it was sent.

Small: some twenty bytes a message, and each different set of people, title and folder once.
"""

import hashlib
import re
from array import array
from collections import defaultdict
from collections.abc import Callable
from itertools import accumulate, compress, islice, repeat
from itertools import count as counter
from operator import itemgetter, le
from urllib.parse import unquote

from mcp_server.archive.dates import UNDATED, DateReader
from mcp_server.archive.names import name_key, names_in
from mcp_server.archive.people import Exchange
from mcp_server.archive.table import Table

_KEYED = (  # as the fields of an Exchange
    "conversation id",
    "conversation title",
    "from",
    "sender profile url",
    "to",
    "recipient profile urls",
    "folder",
    "direction",
)
_SET = frozenset({"yes", "true", "1"})
_ORDINARY = frozenset({"No", ""})
_CHUNK = 200
# No export has it. One text is found again in half the time that a tuple of seven takes.
_SEPARATOR = "\0"
_AFTER_ID = re.compile(r"[/?#]")


class Records:
    """The records that hold a message, in the order of the file. One entry of each array is one of them.

    `lines` says where a record begins, `sent_at` when it was sent (seconds since 1970, or UNDATED), `exchange_of` which
    of the `exchanges` it belongs to. `drafts` and `elements` are the numbers of drafts, and of records whose text
    begins with `<`. `empty` counts records of nothing but commas. `on_progress(records read)` is called now and then.
    """

    def __init__(self, table: Table, on_progress: Callable[[int], None]) -> None:
        self.lines, self.sent_at, self.exchange_of = array("I"), array("q"), array("I")
        self.drafts: set[int] = set()
        self.empty = 0
        self.dates = DateReader()
        self._columns = table.columns
        self._width = table.width
        keyed = [name for name in _KEYED if name in table.columns]
        self._cells_of = _getter([table.columns[name] for name in keyed])
        self._numbers: defaultdict[str, int] = defaultdict(counter().__next__)
        self._read(table, on_progress)
        shared: dict[str, str] = {}
        arranged = itemgetter(*(keyed.index(name) if name in keyed else -1 for name in _KEYED))
        padded = (arranged([*cells.split(_SEPARATOR), ""]) for cells in self._numbers)
        self.exchanges = [Exchange._make(map(shared.setdefault, cells, cells)) for cells in padded]
        del self._numbers

    def _read(self, table: Table, on_progress: Callable[[int], None]) -> None:
        reader = table.reader()
        # Column by column, and a chunk at a time: what is done per record takes as long as reading it.
        ends = map(getattr, repeat(reader), repeat("line_num"))
        both = zip(reader, ends, strict=False)
        end = 0
        while chunk := list(islice(both, _CHUNK)):
            records = [record for record, _ in chunk]
            lines = [end, *(line for _, line in chunk)]
            end = lines.pop()
            if min(map(len, records)) < self._width:
                records = [record + [""] * (self._width - len(record)) for record in records]
            self._take(lines, records)
            on_progress(len(self.lines))

    def _take(self, lines: list[int], records: list[list[str]]) -> None:
        """Add a chunk of records, each as wide as the header."""
        times = self.dates.read_all([*map(itemgetter(self._columns["date"]), records)])
        if UNDATED in times:
            kept = [at != UNDATED or not self._is_empty(record) for at, record in zip(times, records, strict=True)]
            self.empty += kept.count(False)
            times, lines = [*compress(times, kept)], [*compress(lines, kept)]
            records = [*compress(records, kept)]
        first = len(self.lines)
        self.lines.extend(lines)
        self.sent_at.extend(times)
        self.exchange_of.extend(map(self._numbers.__getitem__, map(_SEPARATOR.join, map(self._cells_of, records))))
        if "is message draft" in self._columns:
            flags = [record[self._columns["is message draft"]] for record in records]
            if not _ORDINARY.issuperset(flags):
                self.drafts.update(number for number, flag in enumerate(flags, first) if flag.strip().lower() in _SET)

    def _is_empty(self, record: list[str]) -> bool:
        return not any(record[self._columns[name]].strip() for name in ("from", "content", "date"))


def _getter(places: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    if len(places) == 1:
        return lambda record: (record[places[0]],)
    return itemgetter(*places)


class Conversations:
    """The records by conversation, each conversation a number, in the order of the file.

    `ids` are as in the export; a conversation without one has an id made of its people's names. `counts` leaves drafts
    out; `newest` is the time of the newest message of each (of the newest draft where there is nothing else), UNDATED
    where no date is known. `with_elements` gives the records of a conversation whose text begins with `<`,
    `of_exchange` the conversation of each of the records' exchanges.
    """

    def __init__(self, records: Records, is_name: Callable[[str], bool]) -> None:
        self._records = records
        self.ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._seen: dict[str, int] = {}
        self.of_exchange = of_exchange = [self._number(exchange, is_name) for exchange in records.exchanges]
        self.exchanges: list[list[Exchange]] = [[] for _ in self.ids]
        for exchange, number in zip(records.exchanges, of_exchange, strict=True):
            self.exchanges[number].append(exchange)
        of_record = array("I", map(of_exchange.__getitem__, records.exchange_of))
        # By conversation, the file's order kept within each. Most exports have them so already.
        rows = range(len(of_record))
        together = all(map(le, of_record, islice(of_record, 1, None)))
        self._order = array("I", rows if together else sorted(rows, key=of_record.__getitem__))
        sizes = [0] * len(self.ids)
        self.newest = [UNDATED] * len(self.ids)
        for number, at in zip(of_record, records.sent_at, strict=True):
            sizes[number] += 1
            if at > self.newest[number]:
                self.newest[number] = at
        self._starts = array("I", accumulate(sizes, initial=0))
        self.counts = sizes
        for draft in records.drafts:
            sizes[of_record[draft]] -= 1
        self._settle_newest({of_record[draft] for draft in records.drafts})

    def number_of(self, conversation_id: str) -> int | None:
        """The conversation of an id in any of its spellings: the export's own, a URN or a thread's address."""
        return self._numbers.get(id_key(conversation_id))

    def records(self, number: int) -> tuple[list[int], list[int]]:
        """The conversation's records, oldest first, and the times that place them.

        Exports run newest first, so of equal times the later record is the older message; a record without a date
        stays next to the one before it in time.
        """
        rows = self._order[self._starts[number] : self._starts[number + 1]][::-1]
        times = []
        last = UNDATED
        for row in rows:
            at = self._records.sent_at[row]
            last = last if at == UNDATED else at
            times.append(last)
        places = sorted(range(len(rows)), key=times.__getitem__)
        return [rows[place] for place in places], [times[place] for place in places]

    def newest_first(self) -> list[int]:
        """The conversations by their newest message; those without a date last."""
        return sorted(range(len(self.ids)), key=lambda number: -self.newest[number])

    def _number(self, exchange: Exchange, is_name: Callable[[str], bool]) -> int:
        shown = exchange.conversation_id.strip() or _id_of_people(exchange, is_name)
        number = self._seen.get(shown)
        if number is None:
            number = self._seen[shown] = self._numbers.setdefault(id_key(shown), len(self.ids))
            if number == len(self.ids):
                self.ids.append(shown)
        return number

    def _settle_newest(self, with_drafts: set[int]) -> None:
        """A draft is no message: where there are others, it does not make a conversation newer."""
        for number in with_drafts:
            rows = self._order[self._starts[number] : self._starts[number + 1]]
            sent = [self._records.sent_at[row] for row in rows if row not in self._records.drafts]
            if sent:
                self.newest[number] = max(sent)


def id_key(raw: str) -> str:
    """What all spellings of a conversation's id have in common: what follows `/thread/` in an address and the last
    comma in a URN, without percent-encoding and padding."""
    text = raw.strip()
    if text.lower().startswith("urn:"):
        text = text.rpartition(",")[2].rstrip(")") if "," in text else text.rpartition(":")[2]
    elif "/thread/" in text:
        text = _AFTER_ID.split(text.partition("/thread/")[2])[0]
    return unquote(text).rstrip("=")


def _id_of_people(exchange: Exchange, is_name: Callable[[str], bool]) -> str:
    names = {name_key(name) for name in (exchange.sender, *names_in(exchange.recipients, is_name)) if name.strip()}
    return f"people-{hashlib.sha256(chr(10).join(sorted(names)).encode()).hexdigest()[:24]}"
