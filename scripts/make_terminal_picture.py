"""Draws docs/images/terminal.svg from a real run of `conversation-mcp read` at a terminal.

    python scripts/make_terminal_picture.py      reads a fictional conversation in a pseudo-terminal and draws it

Run it without the extra `[semantic]`, as after `make setup`: the extra changes which messages `focus` selects.

The sandbox's clock makes "5 days ago" true whenever it runs, so the picture changes only with the program.
"""

import os
import pty
import re
import subprocess
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
COMMAND = (
    "conversation-mcp read --sandbox https://www.linkedin.com/in/priya-raman-norbury"
    ' --count 60 --max-tokens 700 --focus "price and quotes"'
)
ARGUMENTS = (
    *("read", "--sandbox", "https://www.linkedin.com/in/priya-raman-norbury"),
    *("--count", "60", "--max-tokens", "700", "--focus", "price and quotes"),
)
COLUMNS = 112
_LINE_PX, _CHAR_PX, _MARGIN_PX = 18, 7.8, 16
_SGR = re.compile(r"\x1b\[(\d+)m")
# The usual dark theme of terminals, by the number of the sequence.
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
_TEXT, _DIM, _GROUND = "#e6edf3", "#8b949e", "#0d1117"


def shown_at_a_terminal() -> str:
    """The output of the command at a terminal."""
    ours, theirs = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    command = [sys.executable, "-m", "mcp_server", *ARGUMENTS]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environ)
    os.close(theirs)
    seen = b""
    try:
        while data := os.read(ours, 65_536):
            seen += data
    except OSError:  # Linux raises it when the other side has closed
        pass
    finally:
        os.close(ours)
    if process.wait() != 0:
        raise SystemExit(f"the command failed with {process.returncode}")
    return seen.decode().replace("\r\n", "\n").rstrip("\n")


def wrapped(line: str) -> list[str]:
    """The rows of a line at a terminal of COLUMNS. Escape sequences take no column and carry over to the next row."""
    rows, row, room, colour = [], "", COLUMNS, ""
    for piece in re.split(r"(\x1b\[\d+m)", line):
        if _SGR.fullmatch(piece):
            colour = "" if piece == "\x1b[0m" else colour + piece
            row += piece
            continue
        while len(piece) > room:
            rows.append(row + piece[:room])
            piece, row, room = piece[room:], colour, COLUMNS
        row, room = row + piece, room - len(piece)
    return [*rows, row]


def drawn(rows: list[str]) -> str:
    """An SVG of the rows in a monospaced font."""
    height = _LINE_PX * len(rows) + 2 * _MARGIN_PX
    width = round(COLUMNS * _CHAR_PX) + 2 * _MARGIN_PX
    bottom = _MARGIN_PX + _LINE_PX - 5
    lines = [
        f'<text x="{_MARGIN_PX}" y="{bottom + _LINE_PX * number}" xml:space="preserve">{_spans(row)}</text>'
        for number, row in enumerate(rows)
    ]
    font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{font}" font-size="13" fill="{_TEXT}" role="img" '
        'aria-label="A LinkedIn conversation of sixty messages in a terminal, condensed to 700 tokens, with a chart">\n'
        f'<rect width="100%" height="100%" rx="8" fill="{_GROUND}"/>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def _spans(row: str) -> str:
    """One tspan per run of equal style, each exactly as wide as its characters at a terminal."""
    spans, look, column = [], "", 0
    for piece in re.split(r"(\x1b\[\d+m)", row):
        if found := _SGR.fullmatch(piece):
            code = found[1]
            look = "" if code == "0" else look + _LOOKS.get(code, f' fill="{_COLOURS.get(code, _TEXT)}"')
        elif piece:
            place = f'x="{_MARGIN_PX + column * _CHAR_PX:.1f}" textLength="{len(piece) * _CHAR_PX:.1f}"'
            spans.append(f"<tspan {place}{look}>{escape(piece)}</tspan>")
            column += len(piece)
    return "".join(spans)


_LOOKS = {"1": ' font-weight="bold"', "2": f' fill="{_DIM}"'}


def main() -> None:
    """Write the picture."""
    lines = [f"$ {COMMAND}", *shown_at_a_terminal().split("\n")]
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn([row for line in lines for row in wrapped(line)]), encoding="utf-8")


if __name__ == "__main__":
    main()
