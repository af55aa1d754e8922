"""A long log as people paste it into a chat, in which only one line matters."""

from itertools import count

_ROOMS = ("cold-1", "cold-2", "blast-freezer", "dispatch", "dock-4")
_FAULT_LINE = 900


def gateway_log(characters: int) -> str:
    """A gateway's log of exactly `characters` characters; all lines differ, and one reports a fault."""
    lines = ["Here is the whole gateway log, sorry for the length:"]
    length = len(lines[0])
    numbers = count()
    while length < characters:
        lines.append(_line(next(numbers)))
        length += len(lines[-1]) + 1
    return "\n".join(lines)[:characters]


def _line(number: int) -> str:
    clock = f"{2 + number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    if number == _FAULT_LINE:
        return f"{clock} ERROR radio: channel 11 jammed for 94 s, 6 loggers lost, reboot 1 of 3 (firmware 4.2.1)"
    room = _ROOMS[number % len(_ROOMS)]
    celsius = -18.0 - (number * 7 % 23) / 10
    return f"{clock} INFO  {room}: logger {number * 31 % 64:02d} {celsius:.1f} C, battery {99 - number // 60 % 40} %"
