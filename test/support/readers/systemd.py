"""Reads an EnvironmentFile with systemd's own parser and prints NAME=VALUE, each ended by a NUL byte."""

import ctypes
import sys

library, file = sys.argv[1:]
systemd = ctypes.CDLL(library)
libc = ctypes.CDLL(None)
found = ctypes.POINTER(ctypes.c_char_p)()
status = systemd.load_env_file(None, file.encode(), ctypes.byref(found))
if status < 0:
    sys.exit(f"load_env_file: {status}")
index = 0
while found[index] is not None:
    sys.stdout.buffer.write(found[index] + b"\0")
    index += 1
