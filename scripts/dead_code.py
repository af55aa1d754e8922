"""Report functions, classes and methods that the package itself never uses.

Use in tests does not count. Variables and attributes are ignored, because libraries read the fields of typed
dictionaries and the class attributes of a server.
"""

import sys

from vulture import Vulture

KINDS = {"class", "function", "method", "property", "unreachable_code"}

# Called by name, from a library or an entry point.
CALLED_FROM_OUTSIDE = [
    "main",  # the entry point of the command
    "do_GET",  # http.server
    "do_POST",
    "log_message",
    "timeout_keep_alive_handler",  # uvicorn
    "formatException",  # logging
    "handleError",
]
# One half of a pair, kept so that tests can check the pair: parse(render(t)) == t.
INVERSES = ["render", "parse", "conversation_uri"]

# Called by the library that defines the decorator.
REGISTERED_BY_DECORATOR = ["@model_validator", "@field_validator", "@contextmanager", "@asynccontextmanager"]


def main() -> None:
    """Print unused items; exit 1 if there are any."""
    search = Vulture(ignore_names=CALLED_FROM_OUTSIDE + INVERSES, ignore_decorators=REGISTERED_BY_DECORATOR)
    search.scavenge(["mcp_server"])
    unused = [item for item in search.get_unused_code() if item.typ in KINDS]
    for item in unused:
        print(f"{item.filename}:{item.first_lineno}: unused {item.typ} {item.name}")
    sys.exit(bool(unused))


if __name__ == "__main__":
    main()
