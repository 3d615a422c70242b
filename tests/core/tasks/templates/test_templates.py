"""Tasks that fill in templates. Source: core.md §21.3."""

from __future__ import annotations

import subprocess
import sys

import pytest

import prefect
from prefect import Flow, Parameter
from prefect.tasks.templates import JinjaTemplate, StringFormatter


class TestStringFormatter:
    def test_values_are_filled_in(self):
        assert StringFormatter(template="{a} and {b:.1f}").run(a=1, b=2) == "1 and 2.0"

    def test_the_template_may_come_with_the_run(self):
        assert StringFormatter(template="{a}").run(template="<{a}>", a=1) == "<1>"

    def test_no_template_is_empty_text(self):
        assert StringFormatter().run(a=1) == ""

    def test_values_of_the_context_can_be_used_unless_given(self):
        with prefect.context(place="context", time="context"):
            assert StringFormatter("{place} {time}").run(place="here") == "here context"

    def test_a_name_without_a_value_is_a_key_error(self):
        with pytest.raises(KeyError, match="'missing'"):
            StringFormatter("{missing}").run()

    @pytest.mark.parametrize("template", ["{}", "{0}"])
    def test_values_have_names_and_no_numbers(self, template):
        with pytest.raises(
            IndexError, match=r"^The template has \{0\} or \{\}, but no values without a name\. Name it: "
        ):
            StringFormatter(template).run(a=1)

    def test_in_a_flow_inputs_are_values(self):
        with Flow("my flow") as flow:
            text = StringFormatter("{name} in {flow_name}")(name=Parameter("who", default="x"))

        assert flow.run(who="you").result[text].result == "you in my flow"


class TestJinjaTemplate:
    def test_values_are_filled_in(self):
        assert JinjaTemplate(template="{% for i in x %}{{ i }},{% endfor %}\n").run(x=[1, 2]) == "1,2,"

    def test_the_template_may_come_with_the_run(self):
        assert JinjaTemplate(template="{{ a }}").run(template="<{{ a }}>", a=1) == "<1>"

    def test_no_template_is_empty_text(self):
        assert JinjaTemplate().run(a=1) == ""

    def test_values_of_the_context_can_be_used_unless_given(self):
        with prefect.context(place="context", time="context"):
            assert JinjaTemplate("{{ place }} {{ time }}").run(place="here") == "here context"

    def test_a_name_without_a_value_is_empty_text(self):
        assert JinjaTemplate("[{{ missing }}]").run() == "[]"

    def test_nothing_is_escaped(self):
        assert JinjaTemplate("{{ x }}").run(x="<b>&") == "<b>&"

    def test_in_a_flow_inputs_are_values(self):
        with Flow("my flow") as flow:
            text = JinjaTemplate("{{ name }} in {{ flow_name }}")(name=Parameter("who", default="x"))

        assert flow.run(who="you").result[text].result == "you in my flow"

    def test_without_the_library_it_says_which_extra_to_install(self):
        code = (
            "import sys; sys.modules['jinja2'] = None\n"
            "from prefect.tasks.templates import JinjaTemplate\n"
            "try: JinjaTemplate('{{ x }}').run(x=1)\n"
            "except ImportError as error: print(error)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert (done.stdout, done.stderr) == (
            "JinjaTemplate needs the package jinja2, which is not installed. Run: pip install"
            ' "praefectus[templates]"\n',
            "",
        )
