"""The settings a command runs with: those of the environment, or those of a sandbox it starts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from mcp_server.errors import SettingsError
from mcp_server.setting_values import DEFAULT_TOKENIZER
from mcp_server.settings import ARCHIVE, Settings


@contextmanager
def settings_from(environ: Mapping[str, str], *, sandbox: bool) -> Iterator[Settings]:
    """The settings. With `sandbox`, a sandbox runs for the length of the context, and no variable is needed.

    Raises SettingsError.
    """
    with settings_or_error(environ, sandbox=sandbox) as (settings, error):
        if error is not None:
            raise error
        yield settings


@contextmanager
def settings_or_error(environ: Mapping[str, str], *, sandbox: bool) -> Iterator[tuple[Settings, SettingsError | None]]:
    """The same, with the error in place of an exception: no request may be made on settings that come with one."""
    if not sandbox:
        yield _countable(*Settings.read(environ))
        return
    from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, SANDBOX_SELF_PROFILE, Sandbox

    with Sandbox() as running:
        connection = {
            "CONVERSATION_API_BASE_URL": running.base_url,
            "CONVERSATION_API_KEY": SANDBOX_KEY,
            "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
            "CONVERSATION_SELF_PROFILE_URL": SANDBOX_SELF_PROFILE,
            ARCHIVE: "",
        }
        settings, error = _countable(*Settings.read({**environ, **connection}))
        yield replace(settings, sandbox=True), error


def _countable(settings: Settings, error: SettingsError | None) -> tuple[Settings, SettingsError | None]:
    """The same, with a warning when tokens can only be estimated, or an error when they cannot be counted."""
    if error is not None or settings.tokenizer == DEFAULT_TOKENIZER:
        return settings, error
    # Imported here because a server with the default needs none of it.
    from mcp_server.tokenizer.extras import check_installed, estimate_notice

    try:
        check_installed(settings.tokenizer)
    except SettingsError as missing:
        return settings, missing
    notice = estimate_notice(settings.tokenizer)
    return settings if notice is None else replace(settings, warnings=(*settings.warnings, notice)), None
