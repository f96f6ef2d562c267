"""Document models: classifiers over the whole note, for the codes that have enough labels.

They are measured against the mentions' ranking and as a feature of it; see
docs/experiments-document.md. Serving uses none of this.
"""
