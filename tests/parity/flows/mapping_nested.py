"""Levels of mapping, reduces between them, and several reduces of one map."""

from prefect import Flow, Parameter, task, unmapped
from prefect.triggers import all_finished


@task
def words(text):
    return text.split()


@task
def upper(word):
    return word.upper()


@task
def count(word):
    if not word.isalpha():
        raise ValueError(f"not a word: {word}")
    return len(word)


@task
def longest(lengths):
    if not lengths:
        raise ValueError("no lengths")
    return max(lengths)


@task
def share(length, of):
    return round(length / of, 2)


@task(trigger=all_finished, skip_on_upstream_skip=False)
def summary(shares):
    return [share if isinstance(share, float) else type(share).__name__ for share in shares]


with Flow("levels") as flow:
    text = Parameter("text", default="all the small words")
    found = upper.map(words(text))
    lengths = count.map(found)
    most = longest(lengths)
    shares = share.map(lengths, unmapped(most))
    told = summary(shares)

flow.set_reference_tasks([told])

CASES = {
    "levels": {"flow": flow},
    "one fails": {"flow": flow, "parameters": {"text": "good b4d words"}},
    "one fails, observed": {"flow": flow, "parameters": {"text": "good b4d"}, "observe": True},
    "nothing to map": {"flow": flow, "parameters": {"text": ""}},
}
