"""Names of runs that nobody named."""

from __future__ import annotations

import re

from prefect.orchestration.run_names import ADJECTIVES, ANIMALS, random_name


def test_a_name_is_an_adjective_and_an_animal():
    adjective, _, animal = random_name().partition("-")

    assert adjective in ADJECTIVES
    assert animal in ANIMALS


def test_there_are_many_names_and_each_word_is_one_lower_case_word():
    assert len(set(ADJECTIVES)) == len(ADJECTIVES) > 100
    assert len(set(ANIMALS)) == len(ANIMALS) > 100
    assert [word for word in ADJECTIVES + ANIMALS if not re.fullmatch("[a-z]+", word)] == []


def test_names_differ():
    assert len({random_name() for _ in range(50)}) > 1
