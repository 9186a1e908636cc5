"""`make bench`: the budgets of design section 15 as measured here, as ratios or counts, in out/bench.json.

A figure that could not be measured is null with the reason, and never left out. The exit status is 0 either way: a
bench tells, the tests judge.
"""
