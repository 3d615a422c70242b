"""spaCy: language."""

from __future__ import annotations

from prefect.tasks.spacy.spacy_tasks import SpacyComponent as SpacyComponent
from prefect.tasks.spacy.spacy_tasks import SpacyNER as SpacyNER
from prefect.tasks.spacy.spacy_tasks import SpacyNLP as SpacyNLP
from prefect.tasks.spacy.spacy_tasks import SpacyParser as SpacyParser
from prefect.tasks.spacy.spacy_tasks import SpacyTagger as SpacyTagger

__all__ = ["SpacyComponent", "SpacyNER", "SpacyNLP", "SpacyParser", "SpacyTagger"]
