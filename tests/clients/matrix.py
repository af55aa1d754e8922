"""The page of the documentation that shows the clients and what came of each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.clients.clients import CLIENTS, ROOT, Agent, Client
from tests.clients.ways import Ways

PAGE = ROOT / "docs" / "clients.md"
_RUNS = ("client", "version", "protocol", "transport", "the model sees", "tokens", "finds and reads", "result")
_SHARE = re.compile(r"(?<= )\d\.\d\d(?=,? )")
_WAYS = ("client", "left out", "null", "blank", "misspelt", "an error", "its tokens", "limit of a call")


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one client on one transport. A row exists only where everything held. Only agents have `ways`."""

    client: Client
    version: str
    protocol: str
    transport: str
    ways: Ways | None = None

    def run(self) -> str:
        """Its line in the table of runs."""
        package = f"`{self.client.package}` {self.version}"
        tokens = f"{self.ways.of_text:.2f}, {self.ways.of_budget:.2f}" if self.ways else "-"
        seen = (self.protocol, self.transport, self.client.sees, tokens, "the list, 2 pages", "passed")
        return _line((self._title(), package, *seen))

    def handling(self) -> list[str]:
        """Its line, if it has one, in the table of what agents do to arguments and errors."""
        if self.ways is None or self.transport != "stdio" or not isinstance(self.client, Agent):
            return []
        given = (self.ways.left_out, self.ways.null, self.ways.blank, self.ways.misspelt, self.ways.error)
        tokens = f"{self.ways.of_error:.2f}"
        return [_line((self._title(), *given, tokens, self.client.limit))]

    def _title(self) -> str:
        return f"[{self.client.title}](../{self.client.example.relative_to(ROOT).as_posix()})"


def page(text: str, rows: Iterable[Row]) -> str:
    """The text of the page with the lines of these rows made again. Lines of clients that did not run stay."""
    rows = list(rows)
    text = _put(text, "matrix", _RUNS, [row.run() for row in rows])
    return _put(text, "ways", _WAYS, [line for row in rows for line in row.handling()])


def missing(text: str, rows: Iterable[Row]) -> list[str]:
    """The lines of these rows that the page does not have. Shares of tokens may differ a little."""
    there = text.splitlines()
    lines = [line for row in rows for line in (row.run(), *row.handling())]
    return [line for line in lines if not any(_same(line, other) for other in there)]


def _same(made: str, line: str) -> bool:
    shares = [[float(share) for share in _SHARE.findall(each)] for each in (made, line)]
    # Errors with paths of the machine differ more than transcripts do.
    near = all(abs(one - other) <= (0.05 if one < 2.5 else one / 4) for one, other in zip(*shares, strict=False))
    return near and _SHARE.sub("#", made) == _SHARE.sub("#", line)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _put(text: str, name: str, head: Sequence[str], lines: Iterable[str]) -> str:
    """The text with these lines in the table between the two marks of that name, in the order of CLIENTS."""
    table = re.search(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text, flags=re.S)
    assert table, f"{PAGE.name} has no place for {name}"
    known = {_key(line): line for line in (*table[0].splitlines()[2:], *lines)}
    titles = [client.title for client in CLIENTS]
    ordered = sorted((key for key in known if key[0] in titles), key=lambda key: (titles.index(key[0]), key[1]))
    made = [_line(head), "|---" * len(head) + "|", *(known[key] for key in ordered), ""]
    return text[: table.start()] + "\n".join(made) + text[table.end() :]


def _key(line: str) -> tuple[str, bool]:
    """The title of a line's client, and whether the line is of a run over HTTP."""
    return re.findall(r"^\| \[(.*?)\]", line)[0], " | HTTP | " in line
