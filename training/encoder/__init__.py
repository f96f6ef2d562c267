"""The mention encoder: learns which phrases name one thing, from the code set's own words.

`python -m training.encoder.train --out models/default` trains it; no labelled note takes part, so
that one encoder serves every fold of a cross-validation.
"""
