"""System calls that no program in the sandbox may use, as a filter for the kernel (seccomp, classic BPF)."""

import errno
import platform
import struct

from dataflow_ops.errors import Permanent

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "arm64": (0xC00000B7, 1)}
"""What the kernel calls an architecture, and the column of its numbers in the tables below."""

REFUSED = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    # keys of the kernel
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # large and rarely needed parts of the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18), "personality": (135, 92), "mbind": (237, 235), "set_mempolicy": (238, 237),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the machine itself
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "sethostname": (170, 161), "setdomainname": (171, 162),
    # memory that no process is charged for
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "shmctl": (31, 195), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
REFUSED_ON_X86 = {"iopl": 172, "ioperm": 173, "modify_ldt": 154}
MMAP, SOCKET = (9, 222), (41, 198)
FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6: others, such as AF_VSOCK, do not care for network namespaces."""
SHARED_ANONYMOUS = 0x21
"""MAP_SHARED | MAP_ANONYMOUS: pages may stay when no process seems to hold them."""
X32 = 0x40000000

LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def program() -> bytes:
    """Return the filter for this machine.

    Raises:
        Permanent: There is none for this kind of machine.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise Permanent(f"the sandbox runs on x86_64 and aarch64, this machine is {machine!r}: use another worker")
    name, column = ARCHITECTURES[machine]
    numbers = [row[column] for row in REFUSED.values()] + ([*REFUSED_ON_X86.values()] if column == 0 else [])
    lines = [
        *_unless(EQUAL, name, [(RETURN, KILL)]), (LOAD, NUMBER), *_when(AT_LEAST, X32, [_error(errno.ENOSYS)]),
        *_when(EQUAL, MMAP[column], _mapping()), *_when(EQUAL, SOCKET[column], _family()),
        *(line for number in numbers for line in _when(EQUAL, number, [_error(errno.EPERM)])), (RETURN, ALLOW),
    ]  # fmt: skip
    return b"".join(_packed(line) for line in [(LOAD, ARCHITECTURE), *lines])


Line = tuple[int, ...]
"""Code, value, and for a comparison how many lines to skip if it holds and if it does not."""


def _mapping() -> list[Line]:
    flags = ARGUMENTS + 8 * 3
    refused = _when(EQUAL, SHARED_ANONYMOUS, [_error(errno.EPERM)])
    return [(LOAD, flags), (AND, SHARED_ANONYMOUS), *refused, (RETURN, ALLOW)]


def _family() -> list[Line]:
    known = [line for family in FAMILIES for line in _when(EQUAL, family, [(RETURN, ALLOW)])]
    return [(LOAD, ARGUMENTS), *known, _error(errno.EAFNOSUPPORT)]


def _when(comparison: int, value: int, lines: list[Line]) -> list[Line]:
    return [(comparison, value, 0, len(lines)), *lines]


def _unless(comparison: int, value: int, lines: list[Line]) -> list[Line]:
    return [(comparison, value, len(lines), 0), *lines]


def _error(number: int) -> Line:
    return (RETURN, ERROR | number)


def _packed(line: Line) -> bytes:
    code, value, *jumps = line
    true, false = jumps or (0, 0)
    return struct.pack("=HBBI", code, true, false, value)
