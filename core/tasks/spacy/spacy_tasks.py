"""Tasks for spaCy: texts, and the components of a pipeline.

Source: core.md §21.9.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any, ClassVar

from prefect.task import Task
from prefect.utilities._extras import import_extra
from prefect.utilities.tasks import defaults_from_attrs


class SpacyNLP(Task):
    """Processes a text with a pipeline.

    Args:
        text: The text; may be given to ``run`` instead.
        nlp: A pipeline of spaCy; then the arguments below have no effect.
        spacy_model_name: Name of an installed model, or its folder; loaded when the task is first run.
        disable: Components that are loaded, but not used.
        component_cfg: What overrides the model's configuration, such as ``{"nlp": {"batch_size": 10}}``.
        exclude: Components that are not loaded.
        **kwargs: Arguments of ``Task``.

    Source:
        core.md §21.9.
    """

    def __init__(
        self,
        text: str = "",
        nlp: Any = None,
        spacy_model_name: str = "en_core_web_sm",
        disable: list[str] | None = None,
        component_cfg: dict[str, Any] | None = None,
        exclude: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.text = text
        self.nlp = nlp
        self.spacy_model_name = spacy_model_name
        self.disable = disable or []
        self.component_cfg = component_cfg or {}
        self.exclude = exclude or []
        super().__init__(**kwargs)

    @defaults_from_attrs("text")
    def run(self, text: str = "") -> Any:
        """Return the text as a ``Doc`` of spaCy.

        Args:
            text: In place of that of the task.

        Raises:
            ImportError: The ``spacy`` extra is not installed.
            ValueError: There is no such model.
        """
        if self.nlp is None:
            self.nlp = self._load()
        return self.nlp(text)

    def _load(self) -> Any:
        spacy = import_extra("spacy", package="spacy", extra="spacy", purpose="SpacyNLP")
        try:
            return spacy.load(
                self.spacy_model_name, disable=self.disable, exclude=self.exclude, config=self.component_cfg
            )
        except OSError as error:
            raise ValueError(
                f"There is no spaCy model {self.spacy_model_name!r}. Run: python -m spacy download"
                f" {self.spacy_model_name}; or give a pipeline as `nlp`."
            ) from error


class _OneComponent(Task):
    """Gets a certain component of a pipeline.

    Args:
        nlp: A pipeline of spaCy; may be given to ``run`` instead.
        **kwargs: Arguments of ``Task``.
    """

    component: ClassVar[str]

    def __init__(self, nlp: Any = None, **kwargs: Any) -> None:
        self.nlp = nlp
        super().__init__(**kwargs)

    @defaults_from_attrs("nlp")
    def run(self, nlp: Any = None) -> Any:
        """Return the component.

        Args:
            nlp: In place of that of the task.

        Raises:
            ValueError: There is no pipeline, or it has no such component.
        """
        return _component(nlp, self.component)


class SpacyTagger(_OneComponent):
    """Gets the component of a pipeline that tags parts of speech; the arguments are a pipeline and those of ``Task``."""

    component = "tagger"


class SpacyParser(_OneComponent):
    """Gets the component of a pipeline that parses sentences; the arguments are a pipeline and those of ``Task``."""

    component = "parser"


class SpacyNER(_OneComponent):
    """Gets the component of a pipeline that recognizes named entities; arguments are a pipeline and those of ``Task``."""

    component = "ner"


class SpacyComponent(Task):
    """Gets a component of a pipeline.

    Args:
        component_name: Its name there; may be given to ``run`` instead.
        nlp: A pipeline of spaCy; may be given to ``run`` instead.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, component_name: str = "", nlp: Any = None, **kwargs: Any) -> None:
        self.component_name = component_name
        self.nlp = nlp
        super().__init__(**kwargs)

    @defaults_from_attrs("component_name", "nlp")
    def run(self, component_name: str, nlp: Any = None) -> Any:
        """Return the component.

        Args:
            component_name: In place of that of the task.
            nlp: In place of that of the task.

        Raises:
            ValueError: There is no pipeline, or it has no such component.
        """
        return _component(nlp, component_name)


def _component(nlp: Any, name: str) -> Any:
    if nlp is None:
        raise ValueError("There is no spaCy pipeline. Give one as `nlp` to the task or to its run(…).")
    if name not in nlp.pipe_names:
        raise ValueError(
            f"The spaCy pipeline has no component {name!r}. It has: {', '.join(nlp.pipe_names) or 'none'}."
        )
    return nlp.get_pipe(name)
