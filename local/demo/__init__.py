"""`make demo`: the main job, end to end, on this machine (contracts.md 3 and 5)."""
