"""Tasks of the library: SQLite sums up orders, a template tells the winner, a shell writes it down, an archive keeps it all.

$ prefect run -q -p examples/task_library.py
tea leads with 7
shop.db shop.zip
"""

from prefect import Flow, task
from prefect.tasks.database import SQLiteQuery, SQLiteScript
from prefect.tasks.files import Zip
from prefect.tasks.shell import ShellTask
from prefect.tasks.templates import StringFormatter

ORDERS = """
DROP TABLE IF EXISTS orders;
CREATE TABLE orders (name TEXT, amount INT);
INSERT INTO orders VALUES ('tea', 3), ('coffee', 5), ('tea', 4);
"""
SUMS = "SELECT name, sum(amount) FROM orders GROUP BY name ORDER BY 2 DESC"


@task
def tell(report, files):
    print(report)
    print(*files)


with Flow("task-library") as flow:
    ordered = SQLiteScript(db="shop.db")(script=ORDERS)
    sums = SQLiteQuery(db="shop.db")(query=SUMS, upstream_tasks=[ordered])
    report = StringFormatter(template="{sums[0][0]} leads with {sums[0][1]}")(sums=sums)
    written = ShellTask(command='echo "$REPORT" > report.txt')(env={"REPORT": report})
    packed = Zip(zip_path="shop.zip")(source_path=["shop.db", "report.txt"], upstream_tasks=[written])
    tell(report, ShellTask(return_all=True)(command="ls shop.*", upstream_tasks=[packed]))
