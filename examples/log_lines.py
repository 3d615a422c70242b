"""Tasks log with the logger of the context; what a task prints becomes a log line with `log_stdout`.

$ prefect run -p examples/log_lines.py
Retrieving local flow... Done
Running flow locally...
└── 03:34:58 | INFO    | Beginning Flow run for 'log-lines'
└── 03:34:58 | INFO    | Task 'speak': Starting task run...
└── 03:34:58 | WARNING | I log
└── 03:34:58 | INFO    | I print
└── 03:34:58 | INFO    | Task 'speak': Finished task run for task with final state: 'Success'
└── 03:34:58 | INFO    | Flow run SUCCESS: all reference tasks succeeded
Flow run succeeded!
"""

import prefect
from prefect import Flow, task


@task(log_stdout=True)
def speak():
    prefect.context.logger.warning("I log")
    print("I print")


with Flow("log-lines") as flow:
    speak()
