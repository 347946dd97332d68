"""Runs a command in a terminal of its own: python3 terminal.py STEPS COMMAND ...

STEPS is a JSON list of ["wait", TEXT] (until the command has said it), ["type", TEXT] and ["signal", NAME] (to the command
alone). Prints one JSON object: what was on the screen, and how the command ended.
"""

import json
import os
import pty
import signal
import sys


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    screen = b""

    def more():
        nonlocal screen
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            chunk = b""
        screen += chunk
        return chunk != b""

    for kind, text in steps:
        if kind == "wait":
            # What was waited for before does not count again.
            start = getattr(main, "seen", 0)
            while text.encode() not in screen[start:] and more():
                pass
            main.seen = screen.find(text.encode(), start) + len(text)
        elif kind == "type":
            os.write(terminal, text.encode())
        else:
            os.kill(pid, getattr(signal, text))
    while more():
        pass
    _, status = os.waitpid(pid, 0)
    ended = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"code": os.WEXITSTATUS(status)}
    print(json.dumps({"screen": screen.decode("utf-8", "replace"), **ended}))


main()
