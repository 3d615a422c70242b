"""Where the code of a flow is kept, one class a place. Users reach them through ``prefect.storage``. Source: core.md §16."""
