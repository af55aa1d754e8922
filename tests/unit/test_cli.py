"""The command line, as a person uses it: what is printed where, and the exit code."""

import io
import json
import re

import pytest

from mcp_server.cli import main
from mcp_server.sandbox import Sandbox

SALES = "https://www.linkedin.com/in/priya-raman-norbury"
JANE = "in/jane-doe-42"


def run(*argv: str, **environ: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command run with nothing in its environment but `environ`."""
    out, err = io.StringIO(), io.StringIO()
    code = main(argv, environ=environ, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def settings(sandbox: Sandbox, **changed: str) -> dict[str, str]:
    """The environment that points at a sandbox."""
    return {
        "CONVERSATION_API_BASE_URL": sandbox.base_url,
        "CONVERSATION_API_KEY": "sandbox-key",
        "CONVERSATION_ACCOUNT_ID": "sandbox-account",
        **changed,
    }


def test_read_prints_a_transcript_and_figures() -> None:
    """The transcript alone on stdout, what it cost on stderr; the sandbox needs no environment."""
    code, out, err = run("read", SALES, "--sandbox")
    assert code == 0
    assert out.startswith("SANDBOX: made-up people and messages\n")
    assert "Gareth likes his little quotes." in out
    assert "More: 50 older. next_cursor: " in out
    assert re.fullmatch(r"10 messages, \d+ o200k_base tokens, 1 credit, \d+\.\d s\.\n", err)


def test_sandbox_may_stand_before_the_command() -> None:
    """Both places mean the same."""
    code, out, _ = run("--sandbox", "read", JANE, "--count", "1")
    assert code == 0
    assert "We should meet. We could confuse everybody." in out


def test_read_takes_every_option_of_the_tool() -> None:
    """The next answer continues at the cursor of the first."""
    _, first, _ = run("read", SALES, "--sandbox", "--count", "2", "--detail", "verbatim", "--json")
    cursor = json.loads(first)["next_cursor"]
    options = ["--count", "3", "--max-tokens", "600", "--focus", "price", "--since", "2026-02-01", "--cursor", cursor]
    code, second, _ = run("read", SALES, "--sandbox", *options)
    assert code == 0
    assert "Just spoke to Dominic" in second
    assert "Gareth likes his little quotes" not in second


def test_read_all_prints_everything_once_oldest_first() -> None:
    """Answer after answer, joined so that only the first line of all says where it begins."""
    code, out, err = run("read", JANE, "--sandbox", "--all", "--count", "10")
    lines = [line for line in out.split("\n") if re.match(r"(\d\d:\d\d )?(Jane|Nora)\b", line) and " in/" not in line]
    assert code == 0
    assert len(lines) == 27
    assert "Hello Nora, Sana told me" in lines[0]
    assert "We could confuse everybody." in lines[-1]
    assert "next_cursor" not in out
    assert err.startswith("27 messages, ")


def test_read_all_is_exact_while_messages_arrive() -> None:
    """What comes in meanwhile is newer than the walk: of the older messages each is printed once, in order."""
    code, out, _ = run("read", "https://www.linkedin.com/in/tessa-okafor-field", "--sandbox", "--all", "--count", "3")
    rooms = re.findall(r"A\d done", out)
    assert code == 0
    assert rooms == ["A1 done", "A2 done", "A3 done", "A4 done", "A5 done"]
    assert "3 of 16 messages" in out
    assert "Coffee break" not in out


def test_read_json_is_a_line_an_answer() -> None:
    """Programs get what an MCP client would."""
    code, out, _ = run("read", JANE, "--sandbox", "--all", "--count", "10", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["covered"] for answer in answers] == [7, 10, 10]


def test_progress_is_for_terminals_only() -> None:
    """On a terminal one line is rewritten; elsewhere nothing piles up."""
    out, err = io.StringIO(), Terminal()
    assert main(["read", SALES, "--sandbox", "--count", "60"], environ={}, out=out, err=err) == 0
    assert f"\r\x1b[K50 of 60 messages {16 * '█'}░░░░\r\x1b[K60 of 60 messages {20 * '█'}\r\x1b[K" in err.getvalue()


def test_what_was_read_before_a_failure_is_printed() -> None:
    """It was paid for. The error follows, with its exit code."""
    with Sandbox() as sandbox:
        environ = settings(sandbox, CONVERSATION_ACCOUNT_ID="sandbox-low-credits")
        code, out, err = run("read", SALES, "--all", "--count", "10", **environ)
    assert code == 1
    assert out.count("10 of 60 messages") == 3
    assert "out_of_credits: " in err
    assert "30 messages, " in err


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["read", "https://example.com/in/jane", "--sandbox"], "invalid_arguments: profile_url must be"),
        (
            ["read", "priya-raman-norbury", "--sandbox"],
            'invalid_arguments: "priya-raman-norbury" is neither a LinkedIn URL',
        ),
        (["read", SALES, "--sandbox", "--count", "0"], "invalid_arguments: count must be"),
        (["read", SALES, "--sandbox", "--cursor", "nonsense"], "invalid_cursor: "),
        (["read", SALES], "configuration: CONVERSATION_API_BASE_URL"),
        (["check"], "configuration: "),
        (["serve", "--http"], "configuration: "),
    ],
)
def test_what_the_caller_got_wrong_is_exit_code_two(argv: list[str], expected: str) -> None:
    """With one line that says what to do, and nothing on stdout."""
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert err.startswith(expected)
    assert err.count("\n") == 1


def test_an_unknown_person_is_an_error_of_the_api() -> None:
    """Exit code one, and what to check."""
    code, out, err = run("read", "https://www.linkedin.com/in/nobody-here", "--sandbox")
    assert (code, out) == (1, "")
    assert err.startswith("request_rejected: ")
    assert "Credits spent" not in err


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--help"], "conversation-mcp"),
        (["--version"], "conversation-mcp 0."),
        (["read", "--help"], "--max-tokens"),
    ],
)
def test_help_and_version_go_to_stdout(argv: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As everywhere."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 0
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv", [["read"], ["reed"], ["read", SALES, "--count", "many"], ["sandbox", "--port", "70000"]]
)
def test_a_wrong_command_line_is_exit_code_two(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is printed, too."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert "usage: conversation-mcp" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (["read", SALES, "--cuont", "5"], "--count"),
        (["read", SALES, "--sincee=7d"], "--since"),
        (["--sandbx"], "--sandbox"),
        (["reed", SALES], "read"),
        (["install", "curser"], "cursor"),
        (["read", SALES, "-count", "5"], "--count"),
        (["conversations", "--shwo", "all"], "--show"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(argv: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of an option, a command or a host."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert f"(did you mean {meant}?)" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["read", SALES, "--zzz"], ["read", SALES, "--limit", "3"], ["check", "--focus=x"]])
def test_a_word_like_nothing_gets_no_suggestion(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong one would be worse, such as an option of another command. The usage is that of the command given."""
    with pytest.raises(SystemExit):
        main(argv)
    shown = capsys.readouterr().err
    assert "did you mean" not in shown
    assert f"conversation-mcp {argv[0]}: error: unrecognized arguments: " in shown


@pytest.mark.parametrize("value", ["3.0", " 3", "1_0", "\u0663", "three", "-1"])
def test_a_count_is_written_in_plain_digits(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As in the tool's arguments and the settings."""
    with pytest.raises(SystemExit) as ended:
        main(["read", SALES, f"--count={value}"])
    assert ended.value.code == 2
    assert "must be a whole number" in capsys.readouterr().err


def test_since_may_be_a_word() -> None:
    """On the command line, where a person types it."""
    code, out, _ = run("read", SALES, "--sandbox", "--since", "7d")
    assert code == 0
    assert "of 60 messages" in out or "No messages" in out


def test_check_says_what_works_and_spends_nothing() -> None:
    """Settings, tokenizer, API; misspelt names are pointed out."""
    with Sandbox() as sandbox:
        code, out, err = run("check", **settings(sandbox, CONVERSATION_TIMEZON="UTC", HTTPS_PROXY="http://proxy:3128"))
        assert sandbox.ledger.credits == 0
        assert sandbox.ledger.requests == 1
    assert (code, err) == (0, "")
    assert f"settings   ok: {sandbox.base_url}, account sandbox-account" in out
    assert "CONVERSATION_TIMEZON is not a setting: did you mean CONVERSATION_TIMEZONE?" in out
    assert "settings   HTTPS_PROXY is not used; for a proxy, set CONVERSATION_PROXY" in out
    assert "API        ok: " in out
    assert "CONVERSATION_SELF_PROFILE_URL" in out
    assert "sandbox-key" not in out


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"CONVERSATION_API_KEY": "sandbox-expired"}, "bad_credentials: "),
        ({"CONVERSATION_ACCOUNT_ID": "nobody"}, "unknown_account: "),
        ({"CONVERSATION_ACCOUNT_ID": "sandbox-inactive"}, "account_inactive: "),
    ],
)
def test_check_names_what_does_not_work(changed: dict[str, str], expected: str) -> None:
    """Up to there it says what does."""
    with Sandbox() as sandbox:
        code, out, err = run("check", **settings(sandbox, **changed))
    assert code == 1
    assert "settings   ok" in out
    assert "API        ok" not in out
    assert err.startswith(expected)


def test_check_of_the_sandbox_needs_no_environment() -> None:
    """And knows who is who."""
    code, out, _ = run("check", "--sandbox")
    assert code == 0
    assert "you        https://www.linkedin.com/in/nora-lindqvist-tidewater" in out


def test_a_taken_port_is_told() -> None:
    """`sandbox --port` says which, and what to do."""
    with Sandbox() as sandbox:
        port = sandbox.base_url.rpartition(":")[2]
        code, out, err = run("sandbox", "--port", port)
    assert (code, out) == (1, "")
    assert err.startswith(f"port_in_use: 127.0.0.1:{port} ")
