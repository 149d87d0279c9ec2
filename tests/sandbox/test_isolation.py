"""What a program cannot see, reach or change."""

import os
import platform
import socket
import subprocess
import time
from pathlib import Path

import pytest

from dataflow_ops.sandbox import _seccomp
from dataflow_ops.sandbox.job import Job
from dataflow_ops.sandbox.run import Sandbox

TRIES = """
def tried(what, *given, **named):
    try:
        print(what(*given, **named))
    except Exception as error:
        print(type(error).__name__)
"""


def test_a_server_on_this_machine_cannot_be_reached(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = run(f"{TRIES}\nimport socket\ntried(socket.create_connection, ('127.0.0.1', {port}), timeout=2)")
        assert found.stdout == b"ConnectionRefusedError\n"
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()


def test_an_abstract_socket_of_this_machine_cannot_be_reached(run):
    name = f"\0dataflow-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        found = run(f"{TRIES}\nimport socket\ntried(socket.socket(socket.AF_UNIX).connect, {name!r})")
        assert found.stdout == b"ConnectionRefusedError\n"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(name)


def test_the_network_is_away(run):
    found = run(
        f"""{TRIES}
import socket
tried(socket.create_connection, ("1.1.1.1", 443), timeout=2)
tried(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b"x", ("8.8.8.8", 53))
tried(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto, b"x", ("2001:4860:4860::8888", 53))
tried(socket.getaddrinfo, "example.com", 80)
"""
    )
    assert found.stdout.decode().split() == ["OSError", "OSError", "OSError", "gaierror"]


@pytest.mark.parametrize("family", [16, 17, 38, 40])
def test_sockets_that_do_not_care_for_namespaces_are_refused(run, family):
    assert run(f"{TRIES}\nimport socket\ntried(socket.socket, {family}, 2)").stdout == b"OSError\n"


def test_nothing_of_the_environment_is_seen(run, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
    found = run("import os; print(dict(os.environ), os.popen('env').read())")
    assert b"HOME" in found.stdout
    assert b"AWS" not in found.stdout
    assert b"secret" not in found.stdout


def test_no_file_of_this_machine_is_seen(run, tmp_path):
    (tmp_path / "secret").write_text("secret")
    mine = Path(__file__)
    paths = [
        "/etc/shadow", "/etc/passwd", "/etc/hostname", "/etc/resolv.conf", "/root/.bashrc", "/home", "/var", "/run",
        "/sys", "/proc", "/proc/1/environ", f"/proc/{os.getpid()}/mem", "/opt", "/srv", "/mnt", "/dev/zero", "/dev/tty",
        "/dev/kmsg", "/dev/mem", "/usr/local", "/usr/share", mine, mine.parents[2] / "pyproject.toml", mine.parents[2] / ".venv",
        tmp_path / "secret", "/work/../etc/shadow", "/oldroot", "/newroot",
    ]  # fmt: skip
    found = run(f"import os\nprint([path for path in {list(map(str, paths))!r} if os.path.lexists(path)])")
    assert found.stdout == b"[]\n"


def test_what_is_seen_is_little(run):
    found = run("import os; print(sorted(set(os.listdir('/')) - {'lib32', 'root', 'home', 'opt', 'lib64'}))")
    assert found.stdout.decode().strip() == str(["bin", "dev", "etc", "lib", "tmp", "usr", "work"])


def test_nothing_outside_of_its_folders_can_be_written(run):
    found = run(
        """
import os, sys
for folder in ("/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/bin", "/dev", "/lib", os.path.dirname(os.__file__),
               os.path.dirname(os.__file__) + "/site-packages", os.path.dirname(sys.executable)):
    try:
        open(folder + "/written", "w")
        print("written to", folder)
    except OSError as error:
        pass
for path in ("/usr/bin/env", os.__file__, sys.executable, "/etc/ld.so.cache"):
    for change in (lambda: open(path, "r+"), lambda: os.chmod(path, 0o777), lambda: os.unlink(path),
                   lambda: os.rename(path, path + "2"), lambda: os.utime(path)):
        try:
            change()
            print("changed", path)
        except OSError:
            pass
for folder in ("/work", "/tmp", "/dev/shm"):
    open(folder + "/written", "w").write("1")
print("done")
"""
    )
    assert found.stdout == b"done\n"


def test_one_run_leaves_nothing_for_the_next(run):
    run("for folder in ('/work', '/tmp', '/dev/shm'): open(folder + '/left', 'w').write('1')")
    found = run("import os; print([os.listdir(folder) for folder in ('/work', '/tmp', '/dev/shm')])")
    assert found.stdout == b"[['main.py'], [], []]\n"


def test_links_lead_nowhere(run, sandbox):
    found = run(
        """
import os
os.symlink("/etc/shadow", "/work/link"); os.symlink("/proc/1/root/etc/shadow", "/work/other")
for path in ("/work/link", "/work/other"):
    try: print(open(path).read())
    except OSError as error: print(type(error).__name__)
try: os.link("/usr/bin/env", "/work/env")
except OSError as error: print(type(error).__name__)
try: os.mknod("/work/disk", 0o060666, os.makedev(8, 0))
except OSError as error: print(type(error).__name__)
"""
    )
    assert found.stdout.decode().split() == ["FileNotFoundError", "FileNotFoundError", "OSError", "PermissionError"]
    again = sandbox.run(["/bin/ls", "-A", "/work"], {"link": b"plain"})
    assert again.stdout == b"link\n"


def test_no_descriptor_of_ours_is_open_inside(sandbox):
    with Path(__file__).open() as file:
        os.set_inheritable(file.fileno(), True)
        code = b"""
import os
def is_open(number):
    try: return bool(os.fstat(number))
    except OSError: return False
print([number for number in range(256) if is_open(number)])
"""
        found = sandbox.run(sandbox.python("main.py"), {"main.py": code, "other": b"x"})
    assert found.stdout == b"[0, 1, 2]\n"


def test_it_has_no_rights_and_gets_none(run):
    found = run(
        f"""{TRIES}
import ctypes, os, subprocess
print(os.getresuid(), os.getresgid(), os.getgroups())
tried(os.setuid, 0); tried(os.setgid, 0); tried(os.chown, "/work/main.py", 0, 0); tried(os.nice, -5)
print([os.path.exists("/usr/bin/su"), subprocess.run(["su", "-c", "id"], stdin=-3, capture_output=True).stdout])
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
ctypes.CDLL(None).capget(header, data)
print(list(data), ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))
"""
    )
    said = found.stdout.decode().splitlines()
    assert said[0] == "(1000, 1000, 1000) (1000, 1000, 1000) []"
    assert said[1:5] == ["OSError"] * 3 + ["PermissionError"]
    assert said[5].endswith("b'']")
    assert said[6] == "[0, 0, 0, 0, 0, 0] 1"


def test_a_program_that_takes_its_owners_rights_does_not_get_them(run):
    found = run(
        """
import os, shutil, subprocess
shutil.copy("/usr/bin/id", "/work/id"); os.chmod("/work/id", 0o6755)
print(subprocess.run(["/work/id", "-u"], capture_output=True, text=True).stdout)
"""
    )
    assert found.stdout.split() == [b"1000"]


def test_mounts_and_namespaces_are_refused(run):
    found = run(
        """
import ctypes, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
print(libc.mount(b"none", b"/work", b"tmpfs", 0, None), libc.umount2(b"/work", 2), libc.chroot(b"/work"))
print([libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000)])
for command in (["unshare", "-r", "true"], ["mount", "-t", "tmpfs", "x", "/work"]):
    print(subprocess.run(command, capture_output=True).returncode != 0)
stack = ctypes.create_string_buffer(1 << 16)
work = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: 0)
top = ctypes.c_void_p(ctypes.addressof(stack) + (1 << 16))
print(libc.clone(work, top, 0x10000000 | 17, None))
"""
    )
    assert found.stdout.decode().splitlines() == ["-1 -1 -1", "[-1, -1, -1, -1]", "True", "True", "-1"]


def test_system_calls_of_the_list_are_refused(run):
    column = _seccomp.ARCHITECTURES[platform.machine()][1]
    numbers = {name: row[column] for name, row in _seccomp.REFUSED.items()}
    found = run(
        f"""
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for name, number in {numbers!r}.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM: print(name)
print("done")
"""
    )
    assert found.stdout == b"done\n"


def test_shared_memory_without_a_file_is_refused(run):
    found = run(
        f"""{TRIES}
import mmap
tried(mmap.mmap, -1, 4096)
mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)[0] = 1
from multiprocessing import shared_memory
shared_memory.SharedMemory(create=True, size=4096).unlink()
"""
    )
    assert (found.stdout, found.code) == (b"PermissionError\n", 0)


def test_processes_outside_cannot_be_seen_or_killed(run):
    with subprocess.Popen(["sleep", "100"]) as other:
        found = run(
            f"""{TRIES}
import os
for pid in ({os.getpid()}, {os.getppid()}, {other.pid}): tried(os.kill, pid, 9)
tried(os.kill, os.getppid(), 9); tried(os.kill, 1, 9); tried(os.killpg, 0, 0); tried(os.kill, -1, 9)
print("alive")
"""
        )
        time.sleep(0.05)
        assert other.poll() is None
        other.kill()
    assert found.stdout.decode().split()[:3] == ["ProcessLookupError"] * 3
    assert found.stdout.decode().split()[-1] == "alive"


def test_runs_at_the_same_time_do_not_see_each_other():
    code = """
import os, socket, sys, time
mine = socket.create_server(("127.0.0.1", 4000))
open("/work/" + sys.argv[1], "w"); open("/dev/shm/" + sys.argv[1], "w"); time.sleep(0.5)
print(os.listdir("/work"), os.listdir("/dev/shm"))
for pid in range(3, 100):
    try: os.kill(pid, 9); print("killed", pid)
    except ProcessLookupError: pass
"""
    with Sandbox(at_once=2) as sandbox:
        jobs = [Job(sandbox.python("-c", code, name)) for name in "ab"]
        found = [each.stdout.decode().strip() for each in sandbox.map(jobs)]
    assert found == ["['a'] ['a']", "['b'] ['b']"]
