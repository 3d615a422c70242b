"""A parameter is a value that each run may choose, written as JSON or as a bare word.

$ prefect run -q -p examples/parameters.py
1 x apple
$ prefect run -q -p examples/parameters.py --param fruit=pear --param times=3
3 x pear
"""

from prefect import Flow, Parameter, task


@task
def write(times, fruit):
    print(f"{times} x {fruit}")


with Flow("parameters") as flow:
    write(Parameter("times", default=1), Parameter("fruit", default="apple"))
