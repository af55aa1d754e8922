"""Names and addresses in the cells FROM, TO and RECIPIENT PROFILE URLS.

The last two are lists without a separator of their own: a name may hold commas. They are not parallel either: a closed
account has a name in TO and no address.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from mcp_server.conversation.profile import profile_label

NOBODY = "LinkedIn Member"
"""Stands for every closed account: nobody in particular."""

_MOST_PIECES = 8
"""A name with more commas is cut at them: trying every length would take hours for a cell of some megabytes."""
_COMMA = re.compile(r",\s*")
_SPACES = re.compile(r"\s+")
_BETWEEN_URLS = re.compile(r"[,;\s]")
_URL_START = re.compile(r"(?:^|[,;\s]+)(?=https?://)", re.IGNORECASE)
# Degrees and the like behind a name's comma: `PhD`, `Ph.D.`, `MBA`, `Jr.`, `CFA II`.
_SUFFIX = re.compile(
    r"(?:[A-Z][A-Za-z]{0,5}\.(?:[A-Za-z]{1,5}\.?)*|[A-Z][A-Z0-9+&/®™()-]{1,7}|[BM](?:Sc|Eng|Phil|Ed)|PhD|Jr|Sr|Esq)"
    r"(?: [IVX]{1,4}| candidate)?"
)
_COMMON_START = "https://www.linkedin.com/"
_COMMON_URL = re.compile(re.escape(_COMMON_START) + "in/[a-z0-9-]{1,200}")
_WORD = re.compile(r"[^\W_]+")


def name_key(name: str) -> str:
    """What makes two spellings of a name one: case, and spaces, count for nothing."""
    return _SPACES.sub(" ", _COMMA.sub(", ", name)).strip().casefold()


_NOBODY_KEY = name_key(NOBODY)


def is_nobody(name: str) -> bool:
    """Whether a name is that of a closed account."""
    return name_key(name) == _NOBODY_KEY


def url_key(url: str) -> str:
    """What makes two spellings of a profile's address one. An address that is no profile's is its own key."""
    if _COMMON_URL.fullmatch(url):
        return url[len(_COMMON_START) :]
    label = profile_label(url)
    return label.casefold() if label else url.strip()


def urls_in(cell: str) -> list[str]:
    """The addresses in a cell, whatever is between them."""
    if not _BETWEEN_URLS.search(cell):
        return [cell] if cell else []
    return [url for piece in _URL_START.split(cell) if (url := piece.strip(" ,;\t\r\n"))]


def names_in(cell: str, is_known: Callable[[str], bool]) -> list[str]:
    """The names in a cell, cut into known ones, the longest first; what is left is cut at commas but those of degrees.

    `is_known` is asked with a name's `name_key`.
    """
    if "," not in cell:
        return [name] if (name := cell.strip()) else []
    commas = [(found.start(), found.end()) for found in _COMMA.finditer(cell)]
    starts = [0, *(end for _, end in commas)]
    ends = [*(start for start, _ in commas), len(cell)]
    names: list[str] = []
    at = 0
    while at < len(starts):
        longest = min(len(ends), at + _MOST_PIECES)
        until = next(
            (until for until in range(longest, at, -1) if is_known(name_key(cell[starts[at] : ends[until - 1]]))),
            None,
        )
        piece = cell[starts[at] : ends[(until or at + 1) - 1]].strip()
        if until is None and names and not is_nobody(names[-1]) and _SUFFIX.fullmatch(piece):
            names[-1] = f"{names[-1]}, {piece}"
        elif piece:
            names.append(piece)
        at = until or at + 1
    return names


def pair_by_slug(names: Iterable[str], urls: Iterable[str]) -> dict[str, str]:
    """Names with addresses that spell them, each fitting one of the others alone."""
    spelt: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        spelt[_words(name.split(",")[0])].append(name)
    longest = max(map(len, spelt), default=0)
    fits: list[tuple[tuple[str, ...], str]] = []
    for url in urls:
        # The last part of a profile's address begins with the words of the name in front of any comma.
        words = _words(unquote(url.rstrip("/").rpartition("/")[2]))
        lengths = range(2, min(longest, len(words)) + 1)
        fits += [(words[:length], url) for length in lengths if words[:length] in spelt]
    of_name, of_url = Counter(words for words, _ in fits), Counter[str]()
    for words, url in fits:
        of_url[url] += len(spelt[words])
    return {spelt[words][0]: url for words, url in fits if len(spelt[words]) == of_name[words] == of_url[url] == 1}


def _words(text: str) -> tuple[str, ...]:
    """The words without accents and case."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return tuple(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


# Letters that addresses spell in another way and Unicode does not take apart.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
