"""`conversation-mcp serve --http`: the MCP server over Streamable HTTP, for any number of clients."""

from collections.abc import Mapping
from functools import partial

from mcp_server.commands.console import FAILED, SUCCESS, Console
from mcp_server.commands.source import settings_from
from mcp_server.http.process import listen, run
from mcp_server.http.settings import HttpSettings
from mcp_server.http.tenants import Tenant, check_tenants
from mcp_server.serving import http_app

# With tenants, each has its own key and account or archive, so these variables are not read and need not be set.
_OF_EACH_TENANT = {
    "CONVERSATION_API_KEY": "of-each-tenant",
    "CONVERSATION_ACCOUNT_ID": "of-each-tenant",
    "CONVERSATION_ARCHIVE": "",
}
_NO_API = {"CONVERSATION_API_BASE_URL": "https://of-no-tenant.invalid"}


def serve_http(
    environ: Mapping[str, str], console: Console, *, sandbox: bool, host: str, port: int, workers: int
) -> int:
    """Serve until SIGTERM or Ctrl-C, then finish the calls in progress. Raises SettingsError before listening."""
    http = HttpSettings.from_mapping(environ, host=host, port=port, workers=workers)
    own = environ if http.tenants is None else {**_stand_in(http.tenants), **environ, **_OF_EACH_TENANT}
    with settings_from(own, sandbox=sandbox) as settings:
        check_tenants(http.tenants or {}, settings)
        try:
            listening = listen(host, port)
        except OSError as error:
            console.note(f"address_in_use: {host}:{port} cannot be opened ({error.strerror}). Choose another --port.")
            return FAILED
        with listening:
            shown = f"[{host}]" if ":" in host else host
            console.note(f"Serving MCP on http://{shown}:{listening.getsockname()[1]}/mcp")
            return SUCCESS if run(partial(http_app, settings, http), listening, workers=workers) else FAILED


def _stand_in(tenants: Mapping[str, Tenant]) -> Mapping[str, str]:
    """A base URL where no tenant reads from the API."""
    return _NO_API if all(tenant.archive is not None for tenant in tenants.values()) else {}
