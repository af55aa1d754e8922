"""Where a bundle's host starts: the server over stdin and stdout, out of the folder that the bundle was unpacked to."""

import sys

from mcp_server.cli import main

sys.exit(main())
