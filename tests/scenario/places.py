"""places: folders of the repository, of its programs, and of the material beside it."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("ACS_TEST_BIN", REPOSITORY / "build/debug/bin"))
SHARED = Path(os.environ.get("ACS_SHARED", REPOSITORY.parent / "shared"))
MODELS = REPOSITORY / "cpe/models"
