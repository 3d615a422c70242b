# The page about the first flow, where the file of the flow also brings the agent.
# After `#>` stands what the command above prints, after `#!` what it says on stderr; test_pages.py compares, in a fresh home.

prefect create project 'Hello, World!'
#> Hello, World! created

cat > hello_flow.py <<'END'
import prefect
from prefect import task, Flow

@task
def say_hello():
    logger = prefect.context.get("logger")
    logger.info("Hello, World!")

with Flow("hello-flow") as flow:
    say_hello()

flow.register(project_name="Hello, World!")
flow.run_agent()
END

python hello_flow.py > agent.log &
agent=$!
trap 'kill $agent' EXIT
until grep -qs 'Waiting for flow runs' agent.log; do kill -0 $agent; sleep 0.05; done

prefect run flow --name hello-flow --project 'Hello, World!' --watch
#! Warning: `prefect run flow` is deprecated, use `prefect run` instead.
#> Flow Run: http://localhost:8080/default/flow-run/<id>
#> Scheduled -> Submitted -> Running -> Success
