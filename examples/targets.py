"""A task with a target runs only if its file is not there yet.

$ PREFECT__FLOWS__CHECKPOINTING=true prefect run -q -p examples/targets.py
computing the square of 12
144
$ PREFECT__FLOWS__CHECKPOINTING=true prefect run -q -p examples/targets.py
144
$ ls squares
12.json
"""

from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult
from prefect.engine.serializers import JSONSerializer


@task(target="{number}.json", result=LocalResult(dir="squares", serializer=JSONSerializer()))
def square(number):
    print("computing the square of", number)
    return number * number


@task
def show(number):
    print(number)


with Flow("targets") as flow:
    show(square(Parameter("number", default=12)))
