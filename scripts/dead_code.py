"""Name functions, classes and methods of the package that nothing in the package uses.

Tests do not count as use: what only they call is dead. Variables and attributes are left alone, since the fields of
typed dictionaries and the switches of a server class are read by others.
"""

import sys

from vulture import Vulture

KINDS = {"class", "function", "method", "property", "unreachable_code"}

# Called by what we hand them to, by name.
CALLED_FROM_OUTSIDE = [
    "main",  # the command, by its entry point
    "do_GET",  # http.server
    "do_POST",
    "log_message",
    "formatException",  # logging
    "handleError",
]
# One half of a pair, kept so that the other half can be held to it: parse(render(t)) == t, and so on.
INVERSES = ["render", "parse", "conversation_uri"]

# Called by whoever wrote the decorator.
REGISTERED_BY_DECORATOR = ["@model_validator", "@field_validator", "@contextmanager", "@asynccontextmanager"]


def main() -> None:
    """Print what is unused; exit 1 if there is anything."""
    search = Vulture(ignore_names=CALLED_FROM_OUTSIDE + INVERSES, ignore_decorators=REGISTERED_BY_DECORATOR)
    search.scavenge(["mcp_server"])
    unused = [item for item in search.get_unused_code() if item.typ in KINDS]
    for item in unused:
        print(f"{item.filename}:{item.first_lineno}: unused {item.typ} {item.name}")
    sys.exit(bool(unused))


if __name__ == "__main__":
    main()
