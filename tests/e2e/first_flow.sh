# The page about the first flow of the 1.x documentation, command by command, with the backend "local".
# After `#>` stands what the command above prints, after `#!` what it says on stderr; test_pages.py compares, in a fresh home.

prefect backend local
#> Backend switched to local

cat > hello_flow.py <<'END'
import prefect
from prefect import task, Flow

@task
def say_hello():
    logger = prefect.context.get("logger")
    logger.info("Hello, World!")

with Flow("hello-flow") as flow:
    say_hello()

# Register the flow under the "Hello, World!" project
flow.register(project_name="Hello, World!")
END

prefect create project 'Hello, World!'
#> Hello, World! created

python hello_flow.py
#> Flow URL: http://localhost:8080/default/flow/<id>
#>  └── ID: <id>
#>  └── Project: Hello, World!
#>  └── Labels: ['<host>']

prefect agent local start > agent.log &
agent=$!
trap 'kill $agent' EXIT

prefect run flow --name hello-flow --project 'Hello, World!'
#! Warning: `prefect run flow` is deprecated, use `prefect run` instead.
#> Flow Run: http://localhost:8080/default/flow-run/<id>

prefect run -n hello-flow --watch
#> Looking up flow metadata... Done
#> Creating run for flow 'hello-flow'... Done
#> └── Name: <name>
#> └── UUID: <id>
#> └── Labels: ['<host>']
#> └── Parameters: {}
#> └── Context: {}
#> └── URL: http://localhost:8080/default/flow-run/<id>
#> Watching flow run execution...
#> └── hh:mm:ss | INFO    | Entered state <Scheduled>: Flow run scheduled.
#> └── hh:mm:ss | INFO    | Entered state <Submitted>: Submitted for execution
#> └── hh:mm:ss | INFO    | Beginning Flow run for 'hello-flow'
#> └── hh:mm:ss | INFO    | Entered state <Running>: Running flow.
#> └── hh:mm:ss | INFO    | Task 'say_hello': Starting task run...
#> └── hh:mm:ss | INFO    | Hello, World!
#> └── hh:mm:ss | INFO    | Task 'say_hello': Finished task run for task with final state: 'Success'
#> └── hh:mm:ss | INFO    | Flow run SUCCESS: all reference tasks succeeded
#> └── hh:mm:ss | INFO    | Entered state <Success>: All reference tasks succeeded.
#> Flow run succeeded!
