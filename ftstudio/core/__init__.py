"""The shared vocabulary: what everything is called and how the parts talk. No torch, no Qt, no disk formats."""
