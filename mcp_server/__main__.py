"""`python -m mcp_server` is `conversation-mcp`."""

import sys

from mcp_server.cli import main

sys.exit(main())
