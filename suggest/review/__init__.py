"""The rules of the work: encounters, suggestions, decisions, worklist, signing, second review."""
