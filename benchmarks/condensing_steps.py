"""Condenses for `condense_again`: each line of input is answered with the processor time of each step, in seconds.

Imports the product and the benchmarks of the checkout in PYTHONPATH, which may be an older one.
"""

import sys
import time

import anyio

from benchmarks.measured import TARGET, load, messages_of, reader_of
from mcp_server.conversation.models import Query
from mcp_server.tokenizer import O200kCounter

LENGTH, BUDGET = 1000, 4000
QUESTIONS = "Which competitor made a cheaper offer?", "When does the contract end?"
FOCUSED = (BUDGET, QUESTIONS[0]), (BUDGET, QUESTIONS[1]), (BUDGET, None)
PLAIN = (BUDGET, None), (BUDGET // 2, None)


async def run() -> list[float]:
    """The time of each call, of two readers with empty caches."""
    found = []
    for calls in (FOCUSED, PLAIN):
        reader = reader_of(messages, counter)
        for budget, focus in calls:
            began_s = time.process_time()
            await reader.read(Query(TARGET, LENGTH, budget, focus=focus))
            found.append(time.process_time() - began_s)
    return found


counter = O200kCounter()
counter.warm()
rows = max((one["messages"] for one in load([])), key=len)
messages = messages_of(rows[-LENGTH:])
for _ in sys.stdin:
    print(*anyio.run(run), flush=True)
