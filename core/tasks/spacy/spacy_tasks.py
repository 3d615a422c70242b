"""Tasks for spaCy.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SpacyComponent(OutsideTask, init="component_name='', nlp=None", run="component_name, nlp=None"):
    """Gets a component of a pipeline."""


class SpacyNER(OutsideTask, init="nlp=None"):
    """Gets the recognizer of named entities."""


class SpacyNLP(
    OutsideTask,
    init="text='', nlp=None, spacy_model_name='en_core_web_sm', disable=None, component_cfg=None, exclude=None",
    run="text=''",
):
    """Processes a text."""


class SpacyParser(OutsideTask, init="nlp=None"):
    """Gets the parser."""


class SpacyTagger(OutsideTask, init="nlp=None"):
    """Gets the tagger."""
