"""Rows and rules that belong to one revision; like a revision, never edited after release."""
