"""The window. Knows Qt and pyqtgraph; never torch, never the engine."""
