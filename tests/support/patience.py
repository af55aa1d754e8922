"""How long tests wait for what happens sooner or later, on however busy a machine."""

PATIENCE_S = 300
