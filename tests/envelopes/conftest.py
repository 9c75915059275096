"""Prints what was validated, when all is done."""

import pytest

TABLE = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter, config):
    table = config.stash.get(TABLE, None)
    if table:
        terminalreporter.write_line("\n" + table)
