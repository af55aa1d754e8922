"""Trims for `condense_again`: each line of input is answered with the processor time of `trim_messages`, in seconds.

Runs in an environment that has langchain-core and tiktoken, and nothing else of the product.
"""

import json
import sys
import time

from langchain_core.messages import BaseMessage, HumanMessage, trim_messages

from mcp_server.tokenizer import O200kCounter

BUDGET = 4000


def count(message: BaseMessage) -> int:
    return counter.count(message.text)


counter = O200kCounter()
counter.warm()
texts = json.loads(sys.stdin.readline())
messages = [HumanMessage(text) for text in texts]
print(0, flush=True)
for _ in sys.stdin:
    began_s = time.process_time()
    trim_messages(messages, max_tokens=BUDGET, strategy="last", token_counter=count)
    print(time.process_time() - began_s, flush=True)
