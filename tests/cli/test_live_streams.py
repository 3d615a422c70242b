"""What is printed while the live view is shown."""

from __future__ import annotations

import io
import os
import threading

import pytest

from prefect.cli.live_streams import ChildOutput, StreamAbove, WatchedInput


@pytest.fixture
def terminal():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


@pytest.fixture
def stream(terminal):
    return StreamAbove(terminal, threading.RLock())


def written(terminal):
    return terminal.buffer.getvalue().decode()


def test_without_a_view_everything_is_written_at_once(stream, terminal):
    print("a", end="", file=stream)

    assert written(terminal) == "a"
    assert stream.at_line_start is False


def test_whole_lines_go_above_the_view_and_the_rest_waits(stream, terminal):
    lines = []
    stream.go_above(lines.append)

    stream.write("one\ntwo\nthr")
    stream.write("ee\n")
    stream.write("four")

    assert (lines, written(terminal)) == (["one\ntwo", "three"], "")


def test_an_unfinished_line_is_written_when_the_view_ends(stream, terminal):
    stream.go_above([].append)
    stream.write("name? ")

    stream.go_back()

    assert written(terminal) == "name? "


def test_bytes_take_the_same_way(stream, terminal):
    lines = []
    stream.buffer.write(b"raw\xff\n")
    stream.go_above(lines.append)

    stream.buffer.write(b"b\xc3\xa4\xff\n")

    assert (terminal.buffer.getvalue(), lines) == (b"raw\xff\n", ["b\u00e4\\xff"])


def test_the_rest_of_the_stream_is_that_of_the_terminal(stream, terminal):
    assert (stream.encoding, stream.isatty(), stream.buffer.seekable()) == ("utf-8", False, True)


@pytest.mark.parametrize("use", [lambda stdin: stdin.readline(), lambda stdin: next(iter(stdin))])
def test_reading_standard_input_ends_the_view_first(use):
    ended = []
    stdin = WatchedInput(io.StringIO("answer\n"), lambda: ended.append(True))

    assert (use(stdin), ended) == ("answer\n", [True])


def test_what_forked_processes_print_is_collected():
    output = ChildOutput()
    child = os.fork()
    if child == 0:
        os.write(1, b"out\n")
        os.write(2, b"err\n")
        os._exit(0)
    os.waitpid(child, 0)

    assert (output.new_text(), output.new_text()) == ("out\nerr\n", "")
    output.close()


def test_after_the_view_forked_processes_print_where_they_like(capfd):
    ChildOutput().close()
    child = os.fork()
    if child == 0:
        os.write(1, b"out\n")
        os._exit(0)
    os.waitpid(child, 0)

    assert capfd.readouterr().out == "out\n"
