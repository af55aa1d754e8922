"""Raises the relevance of replies, so that what answers the best matches comes before weak matches elsewhere."""

import heapq
import math
from collections.abc import Sequence

from mcp_server.condensing.salience import Salience
from mcp_server.conversation.models import Message

REPLY = 0.85
"""Least relevance of the reply to a best match (the next message, by another sender), as a share of the match's."""

REPLIES_TO_BEST = 3
"""Only the replies to this many best matches count."""

REPLIES_TO_SHARE = 0.75
"""Only the replies to matches count whose relevance is at least this share of the highest."""

DIRECT_REPLIES = 20
"""To this many best matches, a reply counts that repeats rare words of its match."""

EXCHANGE = 1.25
"""Factor of the relevance of a match with such a reply."""

DIRECT_REPLY = 0.95
"""Least relevance of such a reply, as a share of the match's: the match comes first, its reply next."""

REPEATED_WEIGHT = 0.45
"""Least total weight of the repeated words (see Salience.weights): of a thousand messages, three have such a word."""


def with_replies(scores: Sequence[float], messages: Sequence[Message], salience: Salience) -> list[float]:
    """The relevance `scores` of `messages`, raised for the replies to the best matches.

    A question in other words than its answer finds only a weak match. A reply that takes up an amount or a name of the
    match is direct enough to be kept with such a match, too.
    """
    raised = list(scores)
    best = heapq.nlargest(DIRECT_REPLIES, range(len(scores) - 1), key=scores.__getitem__)
    for place, number in enumerate(best):
        if messages[number].sender == messages[number + 1].sender:
            continue
        match, reply = salience.messages[number], salience.messages[number + 1]
        if math.fsum(salience.weights[term] for term in match.all_terms if term in reply.all_terms) >= REPEATED_WEIGHT:
            raised[number] = max(raised[number], min(1.0, EXCHANGE * scores[number]))
            raised[number + 1] = max(raised[number + 1], DIRECT_REPLY * raised[number])
        elif place < REPLIES_TO_BEST and scores[number] >= REPLIES_TO_SHARE:
            raised[number + 1] = max(raised[number + 1], REPLY * scores[number])
    return raised
