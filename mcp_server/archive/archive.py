"""An export of LinkedIn's as conversations: who, when, what, newest first."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain, compress

from mcp_server.archive.dates import UNDATED
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.index import Conversations, Records, id_key
from mcp_server.archive.messages import ArchivedMessage, Cells, identities, message_of
from mcp_server.archive.names import is_nobody, name_key, names_in, url_key, urls_in
from mcp_server.archive.owner import Evidence, connection_names, find_owner, profile_name
from mcp_server.archive.people import Known, People, Person
from mcp_server.archive.table import Table
from mcp_server.archive.values import ConversationKind, ConversationSummary, Counts, Slice
from mcp_server.conversation.cleaning import clean_name


class Archive:
    """An export in memory. Raises ArchiveError where the files are not one.

    `on_progress(messages read)` is called now and then. `owner` is None where nothing says whose export it is.
    Everything here takes time and may be called from any thread.
    """

    def __init__(
        self,
        files: ExportFiles,
        *,
        self_profile_url: str | None = None,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        try:
            self._table = Table(files.messages)
            self._records = Records(self._table, on_progress)
        except UnicodeDecodeError:
            self._table = Table(files.messages, lenient=True)
            self._records = Records(self._table, on_progress)
        senders = dict.fromkeys((each.sender_url, each.sender.strip()) for each in reversed(self._records.exchanges))
        self._name_of = {url_key(url): name for url, name in senders if url.strip()}
        self._files = replace(files, messages=b"")
        self._conversations = Conversations(self._records, self._is_name)
        self.owner = find_owner(self._evidence(), self_profile_url)
        self._known = Known(self._is_name, self._name_of, self.owner)

    @property
    def secret(self) -> str:
        """Something that only those know who have the export, and that a newer export of the same account has too."""
        times = self._records.sent_at
        first = min(filter(UNDATED.__ne__, times), default=None)
        if first is None:
            return ""
        oldest = self._records.exchange_of[times.index(first)]
        return self.read(self._conversations.of_exchange[oldest], before=1, count=1).messages[0].id

    @property
    def day(self) -> date | None:
        """The day up to which the export reaches: that of its name, or of its newest message. None in an empty one."""
        newest = max(self._records.sent_at, default=UNDATED)
        if newest == UNDATED:
            return self._files.named_day
        of_newest = datetime.fromtimestamp(newest, UTC).date()
        return of_newest if self._files.named_day is None else max(of_newest, self._files.named_day)

    def find(self, conversation_id: str) -> int | None:
        """The number of a conversation by its id: the export's, one of this module's, a URN or a thread's address."""
        return self._conversations.number_of(conversation_id)

    def with_profile(self, profile_url: str) -> list[int]:
        """The one-to-one conversations with a person, the newest first."""
        wanted = url_key(profile_url)
        numbers = self._numbers_by_url.get(wanted, set())
        newest_first = sorted(numbers, key=lambda number: -self._conversations.newest[number])
        return [number for number in newest_first if self._is_with(number, wanted)]

    def id_of(self, number: int) -> str:
        """The id of a conversation as the export spells it."""
        return self._conversations.ids[number]

    def conversations(self) -> Iterator[ConversationSummary]:
        """All conversations, the newest first, each summed up when it is asked for."""
        return map(self.summary, self.newest_first())

    def newest_first(self) -> list[int]:
        """The numbers of all conversations, by their newest message; those without a date last."""
        return self._conversations.newest_first()

    def texts(self, number: int) -> Iterator[str]:
        """What was written in a conversation, as the export spells it, oldest first."""
        records = (self._table.record(self._records.lines[row])[0] for row in self._rows(number)[0])
        return (self._cell(record, "content") for record in records)

    def summary(self, number: int) -> ConversationSummary:
        """What a listing says of one conversation."""
        people = self.people(number)
        exchanges = self._conversations.exchanges[number]
        rows, _ = self._rows(number)
        newest = self._conversations.newest[number]
        count = self._conversations.counts[number]
        return ConversationSummary(
            id=self.id_of(number),
            kind=self._kind(number, people),
            title=self._title(number) or None,
            participants=tuple(replace(person, name=clean_name(person.name)) for person in people.participants),
            messages=count,
            drafts=len(rows) - count,
            newest_at_s=None if newest == UNDATED else newest,
            folders=tuple(sorted({clean_name(exchange.folder) for exchange in exchanges})),
        )

    def people(self, number: int) -> People:
        """Who takes part in a conversation."""
        return People(self._conversations.exchanges[number], self._known)

    def read(self, number: int, *, before: int | None = None, count: int) -> Slice:
        """At most `count` messages of a conversation: its newest, or the newest of its `before` oldest."""
        rows, times = self._rows(number)
        end = len(rows) if before is None else min(before, len(rows))
        start = max(0, end - count)
        first = start
        # Equal messages of one moment are numbered from the oldest on.
        while first > 0 and times[first - 1] == times[start]:
            first -= 1
        records = [self._table.record(self._records.lines[row]) for row in rows[first:end]]
        contents = [self._cell(record, "content") for record, _ in records]
        ids = identities(id_key(self.id_of(number)), times[first:end], contents)
        people = self.people(number)
        messages = [
            self._message(people, row, record, identity)
            for row, (record, _), identity in zip(rows[first:end], records, ids, strict=True)
        ]
        replaced = sum(characters for _, characters in records[start - first :])
        return Slice(tuple(reversed(messages[start - first :])), start, len(rows), replaced)

    def _message(self, people: People, row: int, record: list[str], identity: str) -> ArchivedMessage:
        exchange = self._records.exchanges[self._records.exchange_of[row]]
        sender = people.sender(exchange)
        return message_of(
            Cells(self._cell(record, "content"), self._cell(record, "subject"), self._cell(record, "attachments")),
            identity=identity,
            sent_at_s=self._records.sent_at[row],
            sender=sender,
            title=exchange.title,
            nameless=self._is_nameless(sender),
            draft=row in self._records.drafts,
        )

    def _cell(self, record: list[str], column: str) -> str:
        place = self._table.columns.get(column)
        return "" if place is None else record[place]

    def _rows(self, number: int) -> tuple[list[int], list[int]]:
        return self._conversations.records(number)

    def _title(self, number: int) -> str:
        titles = (clean_name(exchange.title) for exchange in self._conversations.exchanges[number])
        return next(filter(None, titles), "")

    def _kind(self, number: int, people: People) -> ConversationKind:
        if self._is_sponsored(number, people):
            return "sponsored"
        if self.owner is not None and not people.others:
            return "self"
        if len(people.participants) > _TWO:
            return "group"
        return "unknown_member" if any(is_nobody(person.name) for person in people.others) else "direct"

    def _is_sponsored(self, number: int, people: People) -> bool:
        """Whether there is advertising in it: from no profile at all, and known by its title or its text."""
        exchanges = self._records.exchanges
        nameless = {each for each in self._conversations.exchanges[number] if self._is_nameless(people.sender(each))}
        rows = (row for row in self._rows(number)[0] if exchanges[self._records.exchange_of[row]] in nameless)
        return bool(nameless) and any(
            self._message(people, row, self._table.record(self._records.lines[row])[0], "").sponsored for row in rows
        )

    def _is_nameless(self, sender: Person | None) -> bool:
        """Whether a sender may be advertising: somebody without a profile, in an export that has profiles."""
        has_profiles = "sender profile url" in self._table.columns
        return has_profiles and not (sender and (sender.owner or sender.profile_url))

    def _is_with(self, number: int, wanted: str) -> bool:
        """Whether a conversation is with the person of this address (its `url_key`) alone, or the owner's notes."""
        people = self.people(number)
        if self._kind(number, people) == "self":
            return any(person.profile_url and url_key(person.profile_url) == wanted for person in people.participants)
        return self._kind(number, people) == "direct" and any(
            person.profile_url and url_key(person.profile_url) == wanted for person in people.others
        )

    def _is_name(self, key: str) -> bool:
        return key in self._known_names

    @cached_property
    def _known_names(self) -> set[str]:
        """All names known from cells that hold one alone, as `name_key`s."""
        senders = {exchange.sender for exchange in self._records.exchanges}
        beside = (profile_name(self._files.profile) or "", *connection_names(self._files.connections))
        return {name_key(name) for name in (*senders, *beside) if name.strip()}

    @cached_property
    def _numbers_by_url(self) -> dict[str, set[int]]:
        """The conversations in which an address, as its `url_key`, occurs."""
        numbers: dict[str, set[int]] = {}
        for number, exchanges in enumerate(self._conversations.exchanges):
            for exchange in exchanges:
                for url in (exchange.sender_url, *urls_in(exchange.recipient_urls)):
                    if url.strip():
                        numbers.setdefault(url_key(url), set()).add(number)
        return numbers

    def _evidence(self) -> Evidence:
        records = self._records
        dated = Counter(compress(records.exchange_of, map(UNDATED.__ne__, records.sent_at)))
        exchanges = [
            (self._conversations.of_exchange[number], exchange, dated[number])
            for number, exchange in enumerate(records.exchanges)
            if dated[number]
        ]
        return Evidence(
            exchanges,
            self._name_of,
            self._is_name,
            recipients_have_urls="recipient profile urls" in self._table.columns,
            profile=self._files.profile,
            invitations=self._files.invitations,
        )

    def notes(self, number: int) -> tuple[str, ...]:
        """Sentences about what the export does not say of a conversation, or not clearly."""
        undated = sum(self._records.sent_at[row] == UNDATED for row in self._rows(number)[0])
        files = "the files of attachments" if "attachments" in self._table.columns else "attachments"
        notes = [f"Not in an export: reactions, edits, read marks, {files}."]
        if self.owner is None:
            notes.append("The export does not say which messages are yours; set CONVERSATION_SELF_PROFILE_URL.")
        elif not self.owner.sure:
            notes.append(f"Whose messages are yours is a guess: {self.owner.how}. Set CONVERSATION_SELF_PROFILE_URL.")
        if undated:
            notes.append(f"{undated} {'message has' if undated == 1 else 'messages have'} no date that can be read.")
        if self._records.dates.zoneless:
            notes.append("Times in this export name no time zone; they are read as UTC.")
        if self._may_be_several(number):
            notes.append("Closed accounts cannot be told apart here: this may be more than one conversation.")
        return tuple(notes)

    @property
    def counts(self) -> Counts:
        """What is in the export as a whole, and what of it could not be read as it stands."""
        undated = sum(map(UNDATED.__eq__, self._records.sent_at))
        conversations, drafts = len(self._conversations.ids), len(self._records.drafts)
        messages = len(self._records.lines) - drafts
        return Counts(conversations, messages, drafts, undated, self._table.replaced, self._records.empty)

    def _may_be_several(self, number: int) -> bool:
        """Whether people alone name the conversation, and somebody of them is nobody in particular."""
        exchanges = self._conversations.exchanges[number]
        if exchanges[0].conversation_id.strip():
            return False
        names = ((each.sender, *names_in(each.recipients, self._is_name)) for each in exchanges)
        return any(map(is_nobody, chain.from_iterable(names)))


_TWO = 2
