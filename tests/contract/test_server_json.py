"""server.json says to the MCP registry what the package really is."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import mcp_server
from mcp_server.settings import OPTIONAL, REQUIRED, Settings

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(Path(__file__).with_name("server.schema.2025-12-11.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
PACKAGE: dict[str, Any] = MANIFEST["packages"][0]
VARIABLES: dict[str, dict[str, Any]] = {variable["name"]: variable for variable in PACKAGE["environmentVariables"]}


def test_it_is_valid_by_the_registrys_schema() -> None:
    """The registry would accept it; the schema it names is the one it is checked against."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft7Validator(SCHEMA).validate(MANIFEST)
    assert MANIFEST["$schema"] == SCHEMA["$id"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "no-namespace"},
        {"description": "x" * 101},
        {"version": 1},
        {"packages": [{**PACKAGE, "version": "latest"}]},
        {"packages": [{**PACKAGE, "transport": {"type": "pigeon"}}]},
        {"packages": [{**PACKAGE, "environmentVariables": [{"isRequired": True}]}]},
    ],
)
def test_the_schema_refuses_what_the_registry_refuses(change: dict[str, Any]) -> None:
    """The schema kept here still bites."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(MANIFEST | change)


def test_the_readme_carries_the_name() -> None:
    """The registry looks for it in the README on the package index, to see that both have one owner."""
    assert f"<!-- mcp-name: {MANIFEST['name']} -->" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_names_the_version_of_the_package() -> None:
    """One version, wherever it is written."""
    assert MANIFEST["version"] == PACKAGE["version"] == mcp_server.__version__


def test_it_lists_every_setting_in_order() -> None:
    """A registry's form asks for what the server reads, the API's first; none is required, as an archive will do."""
    assert tuple(VARIABLES) == REQUIRED + OPTIONAL
    assert not any(variable.get("isRequired") for variable in VARIABLES.values())


def test_keys_and_what_may_hold_a_password_are_secrets() -> None:
    """Clients hide what is typed for a secret."""
    secret = [name for name, variable in VARIABLES.items() if variable.get("isSecret")]
    assert secret == ["CONVERSATION_API_KEY", "CONVERSATION_PROXY"]


def test_its_defaults_are_the_servers() -> None:
    """A form filled with the defaults gives the settings that nothing at all would have given."""
    required = dict(zip(REQUIRED, ("https://api.example.com", "key", "account"), strict=True))
    defaults = {name: variable["default"] for name, variable in VARIABLES.items() if "default" in variable}
    assert Settings.from_mapping(required | defaults) == Settings.from_mapping(required)
