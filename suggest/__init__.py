"""Medical code suggestions with exact evidence; a human coder decides on every one."""

from suggest.engine.model import Encounter, Evidence, Reason, Suggestion
from suggest.engine.pipeline import Suggester

__all__ = ["Encounter", "Evidence", "Reason", "Suggester", "Suggestion"]
