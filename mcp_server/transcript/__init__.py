"""How a conversation is written within a budget of tokens: pure, imports `conversation` and `condensing`."""
