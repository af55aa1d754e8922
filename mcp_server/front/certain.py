"""Checks whether the SDK certainly accepts the parameters of a request, without loading it.

True means that the SDK accepts them. False means that it may not, and has to be asked.
"""

from collections.abc import Mapping

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
_INFO_KEY = "io.modelcontextprotocol/clientInfo"
_LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel"
_LOG_LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")

_ANY_OBJECT: dict[str, object] = {}
_OBJECTS_BY_NAME = object()
_CAPABILITIES = {
    "roots": {"listChanged": bool},
    "sampling": {"context": _ANY_OBJECT, "tools": _ANY_OBJECT},
    "elicitation": {"form": _ANY_OBJECT, "url": _ANY_OBJECT},
    "experimental": _OBJECTS_BY_NAME,
    "extensions": _OBJECTS_BY_NAME,
    "tasks": {
        "list": _ANY_OBJECT,
        "cancel": _ANY_OBJECT,
        "requests": {"sampling": {"createMessage": _ANY_OBJECT}, "elicitation": {"create": _ANY_OBJECT}},
    },
}
_TEXTS_OF_CLIENT = {"name": str, "version": str, "title": str, "description": str, "websiteUrl": str}
_ICON = {"src": str, "mimeType": str, "theme": ("light", "dark"), "sizes": [str]}


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
    return (
        isinstance(info, Mapping)
        and info.get("name") is not None
        and info.get("version") is not None
        and _fits(info, {**_TEXTS_OF_CLIENT, "icons": [_ICON]})
        and all(icon.get("src") is not None for icon in info.get("icons") or ())
    )


def _are_capabilities(capabilities: object) -> bool:
    return capabilities is not None and _fits(capabilities, _CAPABILITIES)


def _fits(value: object, shape: object) -> bool:
    """Whether a value is absent or has the shape: a type, a tuple of texts, a list of one shape, or an object whose
    keys have shapes of their own. Other keys may hold anything, as the SDK ignores them.
    """
    if value is None:
        return True
    match shape:
        case type():
            return isinstance(value, shape)
        case tuple():
            return value in shape
        case [each]:
            return isinstance(value, list) and all(item is not None and _fits(item, each) for item in value)
        case dict():
            return isinstance(value, Mapping) and all(_fits(value.get(key), inner) for key, inner in shape.items())
        case _:
            return isinstance(value, Mapping) and all(isinstance(inner, Mapping) for inner in value.values())
