"""The sandbox's API at a distance: `python -m benchmarks.far_api 0.05` thinks 50 ms over each page.

Prints the environment variables for a client as a line of JSON, and serves until it is killed.
"""

import json
import signal
import sys
import time

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from mcp_server.sandbox.api import Answer, Api


class _Distant(Api):
    """Answers as the API does, later."""

    def __init__(self, api: Api, delay_s: float) -> None:
        self.__dict__.update(api.__dict__)
        self._delay_s = delay_s

    def answer(self, *, key: str | None, body: bytes) -> Answer:
        time.sleep(self._delay_s)
        return super().answer(key=key, body=body)


def main() -> None:
    with Sandbox() as sandbox:
        sandbox._server.api = _Distant(sandbox._server.api, float(sys.argv[1]))
        environment = {
            "CONVERSATION_API_BASE_URL": sandbox.base_url,
            "CONVERSATION_API_KEY": SANDBOX_KEY,
            "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
        }
        print(json.dumps(environment), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
