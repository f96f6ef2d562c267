"""Coding edits: rules of the code set and the guidelines over the codes of one encounter."""

from suggest.edits.check import Edits
from suggest.edits.model import CodedLine, Edit, Patient

__all__ = ["CodedLine", "Edit", "Edits", "Patient"]
