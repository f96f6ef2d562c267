"""Medical code suggestions with exact evidence; a human coder decides on every one."""

import os

# A note's matrices are small, and notes are spread over the cores: numpy's own threads would only
# take the cores from each other. Read when numpy is imported; who sets it keeps what they set.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from suggest.engine.model import Encounter, Evidence, Reason, Suggestion
from suggest.engine.pipeline import Suggester

__all__ = ["Encounter", "Evidence", "Reason", "Suggester", "Suggestion"]
