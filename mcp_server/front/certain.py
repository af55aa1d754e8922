"""Which parameters of a request the SDK certainly accepts, judged without the SDK.

True means that the SDK accepts them. False means only that this cannot be said here: the SDK has to be asked.
"""

from collections.abc import Mapping

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_INFO_KEY = "io.modelcontextprotocol/clientInfo"
_LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel"
_LOG_LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")

_OPEN_CAPABILITIES = ("experimental", "extensions")
"""Maps from names of the client's choice to objects with anything in them."""


def is_enveloped(params: object) -> bool:
    """Whether the request claims the 2026-07-28 era, which names its version in every request."""
    return isinstance(params, Mapping) and isinstance(params.get("_meta"), Mapping) and VERSION_KEY in params["_meta"]


def version_asked_for(params: object) -> object:
    """The version that an enveloped request names, of whatever type."""
    return params["_meta"][VERSION_KEY] if isinstance(params, Mapping) else None


def accepts_initialize(params: object) -> bool:
    """Parameters of `initialize`."""
    return (
        isinstance(params, Mapping)
        and isinstance(params.get("protocolVersion"), str)
        and _is_client(params.get("clientInfo"))
        and _are_capabilities(params.get("capabilities"))
        and _is_plain_meta(params.get("_meta"))
    )


def accepts_plain(params: object) -> bool:
    """Parameters of `ping` and of lists in the handshake era."""
    return params is None or (
        isinstance(params, Mapping) and _is_cursor(params) and _is_plain_meta(params.get("_meta"))
    )


def accepts_enveloped(params: object) -> bool:
    """Parameters of `server/discover` and of lists in the 2026-07-28 era, apart from the version they name."""
    if not (isinstance(params, Mapping) and _is_cursor(params)):
        return False
    meta = params.get("_meta")
    return (
        _is_plain_meta(meta)
        and isinstance(meta, Mapping)
        and _are_capabilities(meta.get(_CAPABILITIES_KEY))
        and (meta.get(_INFO_KEY) is None or _is_client(meta[_INFO_KEY]))
        and meta.get(_LOG_LEVEL_KEY) in (None, *_LOG_LEVELS)
    )


def _is_cursor(params: Mapping[str, object]) -> bool:
    return params.get("cursor") is None or isinstance(params["cursor"], str)


def _is_plain_meta(meta: object) -> bool:
    if meta is None:
        return True
    return isinstance(meta, Mapping) and ("progressToken" not in meta or type(meta["progressToken"]) in (str, int))


def _is_client(info: object) -> bool:
    """Name and version, and optional texts. A client that shows icons is left to the SDK."""
    return (
        isinstance(info, Mapping)
        and isinstance(info.get("name"), str)
        and isinstance(info.get("version"), str)
        and all(info.get(key) is None or isinstance(info[key], str) for key in ("title", "description", "websiteUrl"))
        and info.get("icons") is None
    )


def _are_capabilities(capabilities: object) -> bool:
    """Objects in objects; the only plain value is `listChanged`."""
    if not isinstance(capabilities, Mapping):
        return False
    return all(
        value is None or (_are_objects(value) if name in _OPEN_CAPABILITIES else _is_capability(value))
        for name, value in capabilities.items()
    )


def _are_objects(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, Mapping) for each in value.values())


def _is_capability(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(each, bool) if name == "listChanged" else _is_capability(each) for name, each in value.items()
    )
