"""lab: the pieces that the guided tour and the scenario tests are made of.

Only Python's standard library is used here, so that `./run` needs nothing else.
"""
