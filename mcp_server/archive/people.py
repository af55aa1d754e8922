"""Who takes part in one conversation: names and addresses joined within it, and nowhere else."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mcp_server.archive.names import NOBODY, is_nobody, name_key, names_in, pair_by_slug, url_key, urls_in


@dataclass(frozen=True, slots=True)
class Person:
    """One who takes part. `name` and `profile_url` are as the export spells them; `profile_url` is None where no row
    of the conversation has one."""

    name: str
    profile_url: str | None = None
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose export it is, as far as was found out, and how. `sure` is False for a guess that should be confirmed."""

    name: str
    profile_url: str | None
    how: str
    sure: bool = True


class Exchange(NamedTuple):
    """What many records of one conversation have in common: from whom to whom, and where, as the cells say it."""

    conversation_id: str
    title: str
    sender: str
    sender_url: str
    recipients: str
    recipient_urls: str
    folder: str
    direction: str

    @property
    def is_mine(self) -> bool | None:
        """What the column DIRECTION of the oldest exports says; None where it says nothing."""
        return {"OUTGOING": True, "INCOMING": False}.get(self.direction.strip().upper())


@dataclass(frozen=True, slots=True)
class Known:
    """What all of the export says of people.

    `is_name` is asked with a `name_key`, `name_of` gives the name under which an address (its `url_key`) sends.
    """

    is_name: Callable[[str], bool]
    name_of: Mapping[str, str]
    owner: Owner | None = None


class People:
    """The people of one conversation, from its exchanges, newest first."""

    def __init__(self, exchanges: Iterable[Exchange], known: Known) -> None:
        self._known = known
        self._exchanges = list(dict.fromkeys(exchanges))
        self._names: dict[str, str] = {}  # by name_key, as spelt
        self._urls: dict[str, str] = {}  # by url_key, as spelt
        self._name_of_url: dict[str, str] = {}  # url_key -> name_key
        self._nobodies = 0
        self._owner_key = name_key(known.owner.name) if known.owner and known.owner.name else None
        for exchange in self._exchanges:
            self._note_sender(exchange)
        lists = [self._recipients(exchange) for exchange in self._exchanges]
        # What one list settles may settle another, which was read before it.
        while sum(self._pair(names, urls) for names, urls in lists):
            pass
        self.participants = self._participants()

    @property
    def others(self) -> list[Person]:
        """All but the owner."""
        return [person for person in self.participants if not person.owner]

    def sender(self, exchange: Exchange) -> Person | None:
        """Who wrote the rows of an exchange; None where they do not say."""
        name, url = exchange.sender.strip(), exchange.sender_url.strip()
        if not name and not url:
            return None
        if is_nobody(name) and not url:
            return Person(name)
        key = url_key(url) if url else self._only_url(name_key(name))
        if key is None:
            return Person(name, None, owner=self._is_owner(exchange, name_key(name)))
        spelt = name or self._names.get(self._name_of_url.get(key, ""), "") or slug_of(url)
        return Person(spelt, self._urls[key], owner=self._owns(key, name_key(spelt)))

    def _note_sender(self, exchange: Exchange) -> None:
        name, url = exchange.sender.strip(), exchange.sender_url.strip()
        if name and not is_nobody(name):
            self._names.setdefault(name_key(name), name)
        if url:
            self._urls.setdefault(url_key(url), url)
            if name:
                self._name_of_url.setdefault(url_key(url), name_key(name))

    def _recipients(self, exchange: Exchange) -> tuple[list[str], list[str]]:
        """The names and addresses (their keys) of those written to."""
        names = names_in(exchange.recipients, lambda key: key in self._names or self._known.is_name(key))
        self._nobodies = max(self._nobodies, sum(map(is_nobody, (*names, exchange.sender))))
        urls = urls_in(exchange.recipient_urls)
        for name in names:
            if not is_nobody(name):
                self._names.setdefault(name_key(name), name)
        for url in urls:
            self._urls.setdefault(url_key(url), url)
        return [name_key(name) for name in names if not is_nobody(name)], list(map(url_key, urls))

    def _pair(self, names: list[str], urls: list[str]) -> bool:
        """Find out whose addresses these are, as far as they leave no doubt. Whether anything was found out."""
        before = len(self._name_of_url)
        left, open_urls = Counter(names), []
        for url in dict.fromkeys(urls):
            name = self._name_of_url.get(url) or self._known_name(url, left)
            if name is None:
                open_urls.append(url)
                continue
            self._name_of_url.setdefault(url, name)
            left[name] -= 1
        open_names = [name for name, times in left.items() if times > 0]
        if len(open_names) == len(open_urls) == 1:
            self._name_of_url[open_urls[0]] = open_names[0]
        else:
            spelt = {self._names[name]: name for name in open_names}
            for name, url in pair_by_slug(spelt, open_urls).items():
                self._name_of_url[url] = spelt[name]
        return len(self._name_of_url) > before

    def _known_name(self, url: str, left: Counter[str]) -> str | None:
        """The name of an address by what the rest of the export says, where that name is among these."""
        owner = self._known.owner
        if owner is not None and owner.profile_url is not None and url_key(owner.profile_url) == url:
            return self._owner_key if self._owner_key and left[self._owner_key] else None
        elsewhere = self._known.name_of.get(url)
        key = None if elsewhere is None else name_key(elsewhere)
        return key if key is not None and left[key] else None

    def _only_url(self, name: str) -> str | None:
        """The one address of this name here; None where there is none, or where two people share the name."""
        found = [url for url, other in self._name_of_url.items() if other == name]
        return found[0] if len(found) == 1 else None

    def _is_owner(self, exchange: Exchange, name: str) -> bool:
        """Whether a sender without an address is the owner."""
        if exchange.is_mine is not None:
            return exchange.is_mine
        return self._owns(None, name)

    def _owns(self, url: str | None, name: str) -> bool:
        owner = self._known.owner
        if owner is None:
            return False
        if url is not None and owner.profile_url is not None:
            return url == url_key(owner.profile_url)
        return self._owner_key is not None and name == self._owner_key

    def _participants(self) -> list[Person]:
        """Everybody, the owner first, who takes part in every conversation of the export."""
        people = []
        for key, url in self._urls.items():
            name = self._name_of_url.get(key, "")
            people.append(Person(self._names.get(name) or slug_of(url), url, owner=self._owns(key, name)))
        named = set(self._name_of_url.values())
        people += [Person(spelt, owner=self._owns(None, key)) for key, spelt in self._names.items() if key not in named]
        people += [Person(NOBODY)] * self._nobodies
        owner = self._known.owner
        if owner is None:
            return people
        mine = next((person for person in people if person.owner), Person(owner.name))
        me = Person(owner.name or mine.name, mine.profile_url or owner.profile_url, owner=True)
        return [me, *(person for person in people if not person.owner)]


def slug_of(url: str) -> str:
    """The last part of an address, for want of a name."""
    return url.rstrip("/").rpartition("/")[2]
