# The pages about flow runs of the 1.x documentation, command by command, with the backend "local".
# After `#>` stands what the command above prints, after `#!` what it says on stderr; test_pages.py compares, in a fresh home.

cat > flow.py <<'END'
import prefect
from prefect import Flow, Parameter, task

@task
def say_hello(name):
    prefect.context.logger.debug("About to greet %s", name)
    prefect.context.logger.info("Hello, %s!", name)
    return f"Hello, {name}!"

with Flow("hello-flow") as flow:
    greeting = say_hello(Parameter("name", default="World"))

if __name__ == "__main__":
    print(flow.register(project_name="Hello, World!", no_url=True))
END

prefect create project 'Hello, World!' --description 'Where everybody begins'
#> Hello, World! created
flow_id=$(python flow.py)
group_id=$(prefect get flows -o json | python -c 'import json, sys; print(json.load(sys.stdin)[0]["flow_group_id"])')

# ---- without an agent --------------------------------------------------------------------------------------------------

prefect run --name hello-flow --execute --run-name first
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: first
#> └── UUID: <id>
#> └── Labels: ['agentless-run-<hex>']
#> └── Parameters: {'name': 'World'}
#> └── Context: {}
#> └── URL: http://localhost:8080/default/flow-run/<id>
#> Executing flow run...
#> └── hh:mm:ss | INFO    | Beginning Flow run for 'hello-flow'
#> └── hh:mm:ss | INFO    | Task 'name': Starting task run...
#> └── hh:mm:ss | INFO    | Task 'name': Finished task run for task with final state: 'Success'
#> └── hh:mm:ss | INFO    | Task 'say_hello': Starting task run...
#> └── hh:mm:ss | INFO    | Hello, World!
#> └── hh:mm:ss | INFO    | Task 'say_hello': Finished task run for task with final state: 'Success'
#> └── hh:mm:ss | INFO    | Flow run SUCCESS: all reference tasks succeeded
#> Flow run succeeded!

prefect run --name hello-flow --execute --quiet --param name=Marvin 2> log.txt
#> <id>

prefect run --name hello-flow --execute --no-logs --param name=Marvin --context where=here --label gpu --label prod
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: <name>
#> └── UUID: <id>
#> └── Labels: ['agentless-run-<hex>', 'gpu', 'prod']
#> └── Parameters: {'name': 'Marvin'}
#> └── Context: {'where': 'here'}
#> └── URL: http://localhost:8080/default/flow-run/<id>
#> Executing flow run...
#> Flow run succeeded!

# A debugger reads what is typed, here what comes through a pipe; a second run under the same key is refused.
cat > debugged.py <<'END'
from prefect import Flow, task

@task
def look():
    answer = 42
    breakpoint()
    print("answered", answer)

with Flow("debugged") as flow:
    look()
END
prefect register --project 'Hello, World!' --path debugged.py > registered.txt
printf 'answer = 43\ncontinue\n' | prefect run -n debugged --execute --idempotency-key once > debugged.txt
grep -o "answered [0-9]*" debugged.txt
#> answered 43
prefect run -n debugged --execute --idempotency-key once > debugged.txt || echo "refused with $?"
#! Flow run is already in state Success! Cannot execute flow run unless it is in a 'Scheduled' state.
#! A run with this idempotency key exists already; use another key for a new one.
#> refused with 1

# ---- with an agent -----------------------------------------------------------------------------------------------------

prefect agent local start > agent.log &
agent=$!
trap 'kill $agent' EXIT

prefect run --id $flow_id --watch --no-logs --run-name direct
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: direct
#> └── UUID: <id>
#> └── Labels: ['<host>']
#> └── Parameters: {'name': 'World'}
#> └── Context: {}
#> └── URL: http://localhost:8080/default/flow-run/<id>
#> Watching flow run execution...
#> └── hh:mm:ss | INFO    | Entered state <Scheduled>: Flow run scheduled.
#> └── hh:mm:ss | INFO    | Entered state <Submitted>: Submitted for execution
#> └── hh:mm:ss | INFO    | Entered state <Running>: Running flow.
#> └── hh:mm:ss | INFO    | Entered state <Success>: All reference tasks succeeded.
#> Flow run succeeded!

prefect run --id $group_id --watch --quiet --no-logs 2> states.txt
#> <id>

echo '{"name": "Arthur"}' > parameters.json
prefect run -n hello-flow --project 'Hello, World!' --param-file parameters.json --param name=Marvin \
    --log-level DEBUG --run-name loud --watch
#> The following parameters were specified by file and CLI, the CLI value will be used: {'name': 'Marvin'}
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: loud
#> └── UUID: <id>
#> └── Labels: ['<host>']
#> └── Parameters: {'name': 'Marvin'}
#> └── Context: {}
#> └── URL: http://localhost:8080/default/flow-run/<id>
#> Watching flow run execution...
#> └── hh:mm:ss | INFO    | Entered state <Scheduled>: Flow run scheduled.
#> └── hh:mm:ss | INFO    | Entered state <Submitted>: Submitted for execution
#> └── hh:mm:ss | INFO    | Beginning Flow run for 'hello-flow'
#> └── hh:mm:ss | DEBUG   | Using executor type LocalExecutor
#> └── hh:mm:ss | DEBUG   | Flow 'hello-flow': Handling state change from Scheduled to Running
#> └── hh:mm:ss | INFO    | Entered state <Running>: Running flow.
#> └── hh:mm:ss | INFO    | Task 'name': Starting task run...
#> └── hh:mm:ss | DEBUG   | Task 'name': Handling state change from Pending to Running
#> └── hh:mm:ss | DEBUG   | Task 'name': Calling task.run() method...
#> └── hh:mm:ss | DEBUG   | Task 'name': Handling state change from Running to Success
#> └── hh:mm:ss | INFO    | Task 'name': Finished task run for task with final state: 'Success'
#> └── hh:mm:ss | INFO    | Task 'say_hello': Starting task run...
#> └── hh:mm:ss | DEBUG   | Task 'say_hello': Handling state change from Pending to Running
#> └── hh:mm:ss | DEBUG   | Task 'say_hello': Calling task.run() method...
#> └── hh:mm:ss | DEBUG   | About to greet Marvin
#> └── hh:mm:ss | INFO    | Hello, Marvin!
#> └── hh:mm:ss | DEBUG   | Task 'say_hello': Handling state change from Running to Success
#> └── hh:mm:ss | INFO    | Task 'say_hello': Finished task run for task with final state: 'Success'
#> └── hh:mm:ss | INFO    | Flow run SUCCESS: all reference tasks succeeded
#> └── hh:mm:ss | DEBUG   | Flow 'hello-flow': Handling state change from Running to Success
#> └── hh:mm:ss | INFO    | Entered state <Success>: All reference tasks succeeded.
#> Flow run succeeded!

# The agent has no label "example", so it leaves this one alone.
prefect run -n hello-flow --label example --label hello --run-name labelled
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: labelled
#> └── UUID: <id>
#> └── Labels: ['example', 'hello']
#> └── Parameters: {'name': 'World'}
#> └── Context: {}
#> └── URL: http://localhost:8080/default/flow-run/<id>

printf '#!/bin/sh\nread id; echo "The id is $id"\n' > post_run.sh
chmod +x post_run.sh
prefect run -n hello-flow --label example --quiet | ./post_run.sh
#> The id is <id>

first=$(prefect run -n hello-flow --label example --idempotency-key order-17 --quiet)
second=$(prefect run -n hello-flow --label example --idempotency-key order-17 --quiet --param name=Ford)
test $first = $second && echo 'One run, however often it is asked for'
#> One run, however often it is asked for

# ---- from Python -------------------------------------------------------------------------------------------------------

cat > later.py <<'END'
import sys

import pendulum
from prefect import Client
from prefect.backend import FlowRunView

flow_id, group_id, key = sys.argv[1:]
client = Client()


def create():
    return client.create_flow_run(
        flow_id=flow_id,
        parameters={"name": "Marvin"},
        flow_run_name="later",
        scheduled_start_time=pendulum.now().add(minutes=10),
        idempotency_key=key,
    )


flow_run_id = create()
run = FlowRunView.from_flow_run_id(flow_run_id)
print(run.name, run.state.message, run.parameters)
print(590 < (run.state.start_time - pendulum.now()).total_seconds() <= 600)
print(create() == flow_run_id)

of_group = FlowRunView.from_flow_run_id(client.create_flow_run(flow_group_id=group_id, labels=["example"]))
print(of_group.flow_id == flow_id, of_group.parameters)
END
python later.py $flow_id $group_id order-18
#> later Flow run scheduled. {'name': 'Marvin'}
#> True
#> True
#> True {'name': 'World'}

# The key belongs to the version of the flow, like the one on the command line.
test "$(prefect run --id $flow_id --idempotency-key order-17 --quiet)" = $first && echo 'The same run'
#> The same run

# ---- from a flow -------------------------------------------------------------------------------------------------------

cat > parent.py <<'END'
import prefect
from prefect import Flow, task
from prefect.tasks.prefect import create_flow_run, get_task_run_result, wait_for_flow_run

@task
def show(greeting):
    prefect.context.logger.info("It said: %s", greeting)

with Flow("parent-flow") as flow:
    child = create_flow_run(
        flow_name="hello-flow", project_name="Hello, World!", parameters={"name": "Marvin"}, run_name="child"
    )
    waiting = wait_for_flow_run(child, raise_final_state=True)
    greeting = get_task_run_result(child, "say_hello-1", upstream_tasks=[waiting])
    show(greeting)

flow.register(project_name="Hello, World!", no_url=True)
END
python parent.py

prefect run -n parent-flow --watch --quiet 2> parent.txt
#> <id>
sed 's/.* | //' parent.txt | grep -E 'Created|Flow .child.|It said|Entered'
#> Entered state <Scheduled>: Flow run scheduled.
#> Entered state <Submitted>: Submitted for execution
#> Entered state <Running>: Running flow.
#> Created flow run 'child': http://localhost:8080/default/flow-run/<id>
#> Flow 'child': Entered state <Scheduled>: Flow run scheduled.
#> Flow 'child': Entered state <Submitted>: Submitted for execution
#> Flow 'child': Entered state <Running>: Running flow.
#> Flow 'child': Entered state <Success>: All reference tasks succeeded.
#> It said: Hello, Marvin!
#> Entered state <Success>: All reference tasks succeeded.
