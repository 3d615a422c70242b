"""A scan of log files: files made by the flow itself, a map over them, a resource, a JSON result."""

import json
import os
import tempfile

from prefect import Flow, Parameter, resource_manager, task, unmapped
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer
from prefect.triggers import all_finished

LINES = ["INFO start", "ERROR disk", "INFO end", "WARNING slow", "ERROR net"]


@resource_manager(name="scratch")
class Scratch:
    def __init__(self, count):
        self.count = count

    def __repr__(self):
        return f"Scratch({self.count})"

    def setup(self):
        folder = tempfile.mkdtemp(dir=".")
        for number in range(self.count):
            with open(os.path.join(folder, f"{number}.log"), "w") as out:
                out.write("\n".join(LINES[: number + 1]))
        with open(os.path.join(folder, "broken.log"), "wb") as out:
            out.write(b"\xff\xfe\x00")
        return os.path.basename(folder) and _Folder(folder)

    def cleanup(self, folder):
        for name in os.listdir(folder.path):
            os.remove(os.path.join(folder.path, name))
        os.rmdir(folder.path)


class _Folder:
    def __init__(self, path):
        self.path = path

    def __repr__(self):
        return "folder"


@task
def names(folder):
    return sorted(os.listdir(folder.path))


@task
def scan(folder, name):
    with open(os.path.join(folder.path, name), encoding="utf-8") as lines:
        return {line.split()[0]: 1 for line in lines}


@task(trigger=all_finished)
def summarise(found):
    good = [each for each in found if isinstance(each, dict)]
    kinds = sorted({kind for each in good for kind in each})
    return {
        "files": len(found),
        "unreadable": len(found) - len(good),
        **{k: sum(k in each for each in good) for k in kinds},
    }


@task(result=LocalResult(dir="out", serializer=JSONSerializer(), location="summary-{today}.json"))
def store(summary):
    return summary


@task
def read_back(summary):
    (name,) = os.listdir("out")
    with open(os.path.join("out", name)) as stored:
        return name, json.load(stored)


with Flow("log scan") as flow:
    count = Parameter("count", default=3)
    with Scratch(count) as folder:
        found = scan.map(unmapped(folder), names(folder))
        summary = summarise(found)
    checked = read_back(store(summary))

flow.set_reference_tasks([checked])
ON = {"PREFECT__FLOWS__CHECKPOINTING": "true"}

CASES = {
    "three files": {"flow": flow, "env": ON, "context": {"today": "2021-01-01"}},
    "no files": {"flow": flow, "env": ON, "context": {"today": "2021-01-01"}, "parameters": {"count": 0}},
    "wrong count": {"flow": flow, "env": ON, "parameters": {"count": "many"}},
}
