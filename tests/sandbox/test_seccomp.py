"""The filter as the kernel reads it, for both kinds of machine."""

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from dataflow_ops.sandbox import _seccomp

X86, ARM = 0xC000003E, 0xC00000B7
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
HEADERS = {
    "x86_64": ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h"],
    "aarch64": ["/usr/include/asm-generic/unistd.h"],
}


def refused(number):
    return 0x50000 | number


def verdict(program, arch, number, *arguments):
    """Interpret the filter: a load, an and, two comparisons, a return."""
    data = struct.pack("<iIQ6Q", number, arch, 0, *[*arguments, *[0] * 6][:6])
    lines = list(struct.iter_unpack("<HBBI", program))
    at, value = 0, 0
    while True:
        code, true, false, constant = lines[at]
        at += 1
        if code == 0x20:
            value = struct.unpack_from("<I", data, constant)[0]
        elif code == 0x54:
            value &= constant
        elif code in {0x15, 0x35}:
            at += true if (value == constant if code == 0x15 else value >= constant) else false
        else:
            assert code == 0x06
            return constant


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return request.param


def test_each_call_of_the_list_is_refused_and_no_other(machine):
    program, column = _seccomp.program(), ["x86_64", "aarch64"].index(machine)
    numbers = {row[column] for row in _seccomp.REFUSED.values()}
    numbers |= set(_seccomp.REFUSED_ON_X86.values()) if machine == "x86_64" else set()
    special = {_seccomp.MMAP[column], _seccomp.SOCKET[column]}
    assert not numbers & special
    for number in set(range(600)) - special:
        expected = refused(errno.EPERM) if number in numbers else ALLOWED
        assert verdict(program, [X86, ARM][column], number) == expected


def test_calls_of_another_machine_kill(machine):
    program = _seccomp.program()
    for arch in {X86, ARM, 0x40000003, 0x40000028} - {X86 if machine == "x86_64" else ARM}:
        assert verdict(program, arch, 1) == KILLED


def test_calls_of_x32_are_not_there(machine):
    assert verdict(_seccomp.program(), X86 if machine == "x86_64" else ARM, 0x40000000 | 101) == refused(errno.ENOSYS)


@pytest.mark.parametrize(
    ("flags", "is_refused"),
    [(0x21, True), (0x23, True), (0x8021, True), (0x22, False), (0x01, False), (0x20022, False)],
)
def test_only_shared_mappings_without_a_file_are_refused(machine, flags, is_refused):
    arch, number = (X86, 9) if machine == "x86_64" else (ARM, 222)
    expected = refused(errno.EPERM) if is_refused else ALLOWED
    assert verdict(_seccomp.program(), arch, number, 0, 4096, 3, flags) == expected


@pytest.mark.parametrize("family", range(48))
def test_only_internet_and_unix_sockets_can_be_made(machine, family):
    arch, number = (X86, 41) if machine == "x86_64" else (ARM, 198)
    expected = ALLOWED if family in {1, 2, 10} else refused(errno.EAFNOSUPPORT)
    assert verdict(_seccomp.program(), arch, number, family) == expected


def test_numbers_are_those_of_the_kernel(machine):
    text = "".join(Path(path).read_text() for path in HEADERS[machine] if Path(path).exists())
    if not text:
        pytest.skip("no headers of the kernel here")
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", text)}
    column = ["x86_64", "aarch64"].index(machine)
    rows = {**_seccomp.REFUSED, "mmap": _seccomp.MMAP, "socket": _seccomp.SOCKET}
    wrong = {name: row[column] for name, row in rows.items() if numbers.get(name, row[column]) != row[column]}
    assert wrong == {}
    assert len(numbers.keys() & rows.keys()) > 50
