"""Tasks for spaCy, with real pipelines that need no model to be fetched. Source: core.md §21.9."""

from __future__ import annotations

import pytest
import spacy

from prefect import Flow
from prefect.tasks.spacy import SpacyComponent, SpacyNER, SpacyNLP, SpacyParser, SpacyTagger


@pytest.fixture
def nlp():
    pipeline = spacy.blank("en")
    for name in ("sentencizer", "tagger", "parser", "ner"):
        pipeline.add_pipe(name)
    return pipeline


@pytest.fixture
def splitter():
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    return pipeline


@pytest.fixture
def model(splitter, tmp_path):
    """A model in a folder, which splits sentences."""
    splitter.to_disk(tmp_path / "model")
    return str(tmp_path / "model")


def sentences(document):
    return [sentence.text for sentence in document.sents]


class TestSpacyNLP:
    def test_a_text_is_processed_by_the_pipeline(self, splitter):
        document = SpacyNLP(nlp=splitter).run(text="Ships left. Gulls stayed.")

        assert sentences(document) == ["Ships left.", "Gulls stayed."]

    def test_the_text_may_come_with_the_task(self, splitter):
        assert SpacyNLP("One. Two.", nlp=splitter).run().text == "One. Two."

    def test_a_model_is_loaded_by_its_name(self, model):
        assert sentences(SpacyNLP(spacy_model_name=model).run(text="One. Two.")) == ["One.", "Two."]

    def test_a_model_is_loaded_once(self, model):
        task = SpacyNLP(spacy_model_name=model)

        assert task.run(text="One.").vocab is task.run(text="Two.").vocab

    def test_components_can_be_left_out(self, model):
        excluded = SpacyNLP(spacy_model_name=model, exclude=["sentencizer"])
        disabled = SpacyNLP(spacy_model_name=model, disable=["sentencizer"])

        excluded.run(text="One.")
        disabled.run(text="One.")

        assert (excluded.nlp.component_names, disabled.nlp.component_names) == ([], ["sentencizer"])
        assert disabled.nlp.pipe_names == []

    def test_the_configuration_can_be_overridden(self, model):
        task = SpacyNLP(spacy_model_name=model, component_cfg={"nlp": {"batch_size": 7}})

        task.run(text="One.")

        assert task.nlp.batch_size == 7

    def test_a_missing_model_is_refused_when_the_task_runs(self):
        with pytest.raises(
            ValueError, match=r"^There is no spaCy model 'xx_none'\. Run: python -m spacy download xx_none; or give "
        ):
            SpacyNLP(spacy_model_name="xx_none").run(text="One.")

    def test_in_a_flow_texts_can_be_mapped(self, splitter):
        with Flow("f") as flow:
            documents = SpacyNLP(nlp=splitter).map(text=["One. Two.", "Three."])

        assert [sentences(document) for document in flow.run().result[documents].result] == [
            ["One.", "Two."],
            ["Three."],
        ]


class TestComponents:
    @pytest.mark.parametrize(("kind", "name"), [(SpacyTagger, "tagger"), (SpacyParser, "parser"), (SpacyNER, "ner")])
    def test_each_gets_its_component(self, nlp, kind, name):
        assert kind(nlp=nlp).run() is kind().run(nlp=nlp) is nlp.get_pipe(name)

    def test_any_component_is_got_by_its_name(self, nlp):
        assert SpacyComponent("sentencizer", nlp).run() is nlp.get_pipe("sentencizer")
        assert SpacyComponent("ner", spacy.blank("en")).run(component_name="tagger", nlp=nlp) is nlp.get_pipe("tagger")

    @pytest.mark.parametrize("task", [SpacyTagger(), SpacyParser(), SpacyNER(), SpacyComponent("ner")], ids=repr)
    def test_without_a_pipeline_they_are_refused(self, task):
        with pytest.raises(ValueError, match=r"^There is no spaCy pipeline\. Give one as `nlp`"):
            task.run()

    def test_a_component_that_the_pipeline_lacks_is_refused(self, splitter):
        with pytest.raises(ValueError, match=r"^The spaCy pipeline has no component 'ner'\. It has: sentencizer\.$"):
            SpacyNER(nlp=splitter).run()
        with pytest.raises(ValueError, match=r"has no component ''\. It has: none\.$"):
            SpacyComponent(nlp=spacy.blank("en")).run()
