"""Whose export it is. Nothing says so since the column DIRECTION went, so it is found out, the surest way first."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from mcp_server.archive.names import is_nobody, name_key, names_in, url_key, urls_in
from mcp_server.archive.people import Exchange, Owner
from mcp_server.archive.table import decoded

_NEARLY_ALL = 0.8
_LEAST_CONVERSATIONS = 2
"""One conversation alone names nobody: both people are in all of it."""
_LEAST_OF_A_SENDER = 3
"""A talkative contact may have sent the most in one or two conversations."""

BY_SETTING = "CONVERSATION_SELF_PROFILE_URL"
BY_DIRECTION = "the column DIRECTION"
BY_INVITATIONS = "Invitations.csv"
BY_PROFILE = "the name in Profile.csv"
BY_PRESENCE = "the one profile in nearly every conversation"
BY_ELIMINATION = "the one name in every conversation"
BY_SENDING = "the most frequent sender"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ladder judges by.

    `exchanges` come with the number of their conversation and of their records; those without any date do not vote.
    `recipients_have_urls` says that the export has addresses of those written to.
    """

    exchanges: list[tuple[int, Exchange, int]]
    name_of: Mapping[str, str]
    is_name: Callable[[str], bool]
    recipients_have_urls: bool
    profile: bytes = b""
    invitations: bytes = b""

    @property
    def conversations(self) -> int:
        return len({number for number, _, _ in self.exchanges})

    def has(self, url: str) -> bool:
        """Whether anybody writes or is written to at this address, given as its `url_key`."""
        return url in self.name_of or any(
            url == url_key(each) for _, exchange, _ in self.exchanges for each in urls_in(exchange.recipient_urls)
        )


def find_owner(evidence: Evidence, self_profile_url: str | None = None) -> Owner | None:
    """Whose export it is; None where no step of the ladder names anybody.

    `self_profile_url` decides where the export has that profile, or where the ladder names nobody.
    """
    if self_profile_url is not None and evidence.has(url_key(self_profile_url)):
        return _with_name(Owner("", self_profile_url, BY_SETTING), evidence)
    for step in (_by_direction, _by_invitations, _by_profile, _by_presence, _by_elimination, _by_sending):
        if (owner := step(evidence)) is not None:
            return _with_name(owner, evidence)
    return None if self_profile_url is None else Owner("", self_profile_url, BY_SETTING)


def profile_name(profile: bytes) -> str | None:
    """The name in Profile.csv, which has no address."""
    for row in records_of(profile, "first name"):
        return f"{row.get('first name', '')} {row.get('last name', '')}".strip() or None
    return None


def connection_names(connections: bytes) -> Iterable[str]:
    """The names in Connections.csv, behind the note of some lines with which it begins."""
    for row in records_of(connections, "first name"):
        yield f"{row.get('first name', '')} {row.get('last name', '')}".strip()


def records_of(data: bytes, needed: str) -> Iterable[dict[str, str]]:
    """The records of a file next to the messages, by column in lower case; none where no line names `needed`."""
    header: list[str] | None = None
    for record in csv.reader(decoded(data.removeprefix(b"\xef\xbb\xbf"))[0].splitlines(keepends=True)):
        cells = [cell.strip() for cell in record]
        if header is not None:
            yield dict(zip(header, cells, strict=False))
        elif needed in (names := [cell.lower() for cell in cells]):
            header = names


def _by_direction(evidence: Evidence) -> Owner | None:
    senders: Counter[str] = Counter()
    for _, exchange, records in evidence.exchanges:
        if exchange.direction and exchange.is_mine and exchange.sender.strip():
            senders[exchange.sender.strip()] += records
    return Owner(senders.most_common(1)[0][0], None, BY_DIRECTION) if senders else None


def _by_invitations(evidence: Evidence) -> Owner | None:
    found: dict[str, str] = {}
    for row in records_of(evidence.invitations, "direction"):
        column = {"OUTGOING": "inviterprofileurl", "INCOMING": "inviteeprofileurl"}.get(
            row.get("direction", "").upper()
        )
        if column is not None and (url := row.get(column, "")):
            found.setdefault(url_key(url), url)
    return Owner("", next(iter(found.values())), BY_INVITATIONS) if len(found) == 1 else None


def _by_profile(evidence: Evidence) -> Owner | None:
    name = profile_name(evidence.profile)
    if name is None:
        return None
    urls = {
        url_key(exchange.sender_url): exchange.sender_url.strip()
        for _, exchange, _ in evidence.exchanges
        if exchange.sender_url.strip() and name_key(exchange.sender) == name_key(name)
    }
    return Owner(name, next(iter(urls.values())), BY_PROFILE) if len(urls) == 1 else None


def _by_presence(evidence: Evidence) -> Owner | None:
    if not evidence.recipients_have_urls:
        return None
    conversations = evidence.conversations
    seen = {
        (number, cell)
        for number, exchange, _ in evidence.exchanges
        for cell in (exchange.sender_url, exchange.recipient_urls)
    }
    # Few cells are written often: each is cut once.
    spelt: dict[str, str] = {}
    keys: dict[str, list[str]] = {}
    for cell in {cell for _, cell in seen}:
        keys[cell] = [url_key(url) for url in urls_in(cell)]
        spelt.update(zip(keys[cell], urls_in(cell), strict=True))
    counts = Counter(key for _, key in {(number, key) for number, cell in seen for key in keys[cell]})
    best = counts.most_common(2)
    if not best or best[0][1] < _LEAST_CONVERSATIONS or best[0][1] < _NEARLY_ALL * conversations:
        return None
    if len(best) > 1 and best[1][1] == best[0][1]:
        return None
    return Owner("", spelt[best[0][0]], BY_PRESENCE)


def _by_elimination(evidence: Evidence) -> Owner | None:
    """The one name in every conversation, which sends from one profile at most, under no other name."""
    present: dict[int, set[str]] = {}
    spelt: dict[str, str] = {}
    urls: dict[str, dict[str, str]] = {}
    for number, exchange, _ in evidence.exchanges:
        for name in (exchange.sender.strip(), *names_in(exchange.recipients, evidence.is_name)):
            if name and not is_nobody(name):
                spelt.setdefault(name_key(name), name)
                present.setdefault(number, set()).add(name_key(name))
        if url := exchange.sender_url.strip():
            urls.setdefault(name_key(exchange.sender), {})[url_key(url)] = url
    if len(present) < max(_LEAST_CONVERSATIONS, evidence.conversations):
        return None
    everywhere = set.intersection(*present.values())
    shared = Counter(url for of_name in urls.values() for url in of_name)
    fitting = [
        name
        for name in everywhere
        if len(urls.get(name, ())) <= 1 and all(shared[url] == 1 for url in urls.get(name, ()))
    ]
    if len(fitting) != 1:
        return None
    return Owner(spelt[fitting[0]], next(iter(urls.get(fitting[0], {}).values()), None), BY_ELIMINATION)


def _by_sending(evidence: Evidence) -> Owner | None:
    sent: Counter[tuple[str, str]] = Counter()
    conversations: dict[tuple[str, str], set[int]] = {}
    for number, exchange, records in evidence.exchanges:
        name, url = exchange.sender.strip(), exchange.sender_url.strip()
        if (name or url) and not is_nobody(name):
            who = (url_key(url) if url else "", name_key(name))
            sent[who] += records
            conversations.setdefault(who, set()).add(number)
    best = sent.most_common(2)
    if not best or len(conversations[best[0][0]]) < _LEAST_OF_A_SENDER:
        return None
    if len(best) > 1 and best[1][1] == best[0][1]:
        return None
    who = best[0][0]
    exchange = next(
        each
        for _, each, _ in evidence.exchanges
        if name_key(each.sender) == who[1] and (url_key(each.sender_url) if each.sender_url.strip() else "") == who[0]
    )
    return Owner(exchange.sender.strip(), exchange.sender_url.strip() or None, BY_SENDING, sure=False)


def _with_name(owner: Owner, evidence: Evidence) -> Owner:
    """With the name under which the owner sends, else that of Profile.csv, where the ladder found an address alone."""
    if owner.name or owner.profile_url is None:
        return owner
    name = evidence.name_of.get(url_key(owner.profile_url)) or profile_name(evidence.profile) or ""
    return replace(owner, name=name)
