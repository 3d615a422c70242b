"""``prefect diagnostics``."""

from __future__ import annotations

import json


def test_diagnostics_are_indented_json_without_any_value(run_prefect):
    done = run_prefect("diagnostics", env={"PREFECT__CONTEXT__SECRETS__MINE": "swordfish"})

    facts = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == json.dumps(facts, indent=2, sort_keys=True) + "\n"
    assert "swordfish" not in done.stdout
    assert facts["env_vars"] == ["PREFECT__CONTEXT__SECRETS__MINE"]
    assert set(facts["system_information"]) == {"platform", "prefect_backend", "prefect_version", "python_version"}


def test_names_of_secrets_are_shown_on_demand(run_prefect, home):
    (home / ".prefect").mkdir()
    (home / ".prefect" / "config.toml").write_text("[context.secrets]\nMINE = 'swordfish'\n")

    shown = run_prefect("diagnostics", "--include-secret-names").stdout
    hidden = run_prefect("diagnostics").stdout

    assert "MINE" in shown
    assert "MINE" not in hidden
    assert "swordfish" not in shown + hidden
