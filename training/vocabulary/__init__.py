"""Synonyms from open vocabularies (Mondo, Disease Ontology, EFO, MeSH) for the lexicon."""
