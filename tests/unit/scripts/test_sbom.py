"""The bill of materials says what the lock file says."""

import json

import pytest

from scripts.sbom import KNOWN, Pin, bill, licence_of, licences, read_lock

LOCK = """\
# by `make lock`
anyio==4.9 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
pywin32==312 ; sys_platform == 'win32' \\
    --hash=sha256:{c}
""".format(a="a" * 64, b="b" * 64, c="c" * 64)
PINS = [
    Pin("anyio", "4.9", None, ("a" * 64, "b" * 64)),
    Pin("pywin32", "312", "sys_platform == 'win32'", ("c" * 64,)),
]
EXTRAS = [Pin("jinja2", "3.1.6", None, ("d" * 64,)), Pin("ctok", "1.3.0", "python_full_version >= '3.12'", ())]


def test_a_lock_file_is_read() -> None:
    """Names, versions, markers, and every hash with its package."""
    assert read_lock(LOCK) == PINS
    with pytest.raises(ValueError, match="not a pin: anyio>=4"):
        read_lock("anyio>=4\n")


def test_the_bill_names_every_package_with_its_hashes() -> None:
    """What some platforms alone have, or an extra brings, is optional; nothing in it changes from day to day."""
    document = json.loads(bill(PINS, EXTRAS))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["scope"] for each in document["components"]] == ["required", "optional", "optional", "optional"]
    one = document["components"][0]
    assert one["purl"] == "pkg:pypi/anyio@4.9"
    assert [each["content"] for each in one["hashes"]] == ["a" * 64, "b" * 64]
    assert one["licenses"] == [{"expression": "MIT"}]
    assert bill(PINS, EXTRAS) == bill(PINS, EXTRAS)


def test_licences_are_of_the_known_ones() -> None:
    """Read from what is installed, however it is spelt; one that nobody has looked at is not let through."""
    assert licence_of("tiktoken") == "MIT"
    assert licence_of("certifi") == "MPL-2.0"
    assert not [name for name in KNOWN if "GPL" in name]
    assert licence_of("jinja2") == "BSD-3-Clause", "from a classifier"
    page = licences(PINS, EXTRAS)
    assert "| pywin32 | 312 | PSF-2.0 | sys_platform == 'win32' |" in page
    assert "| jinja2 | 3.1.6 | BSD-3-Clause | extra |" in page
    assert "| ctok | 1.3.0 | MIT | extra; python_full_version >= '3.12' |" in page
    with pytest.raises(ValueError, match=r"pylint: unknown licence"):
        licence_of("pylint")
