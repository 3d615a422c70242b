"""The function of programs/hello.py without a flow."""


def greet(name):
    print(f"Hello, {name}!")
