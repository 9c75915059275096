"""confine: runs a program as a service manager would that follows a unit file.

    confine.py UNIT WRITABLE… -- PROGRAM ARGUMENT…

Not all of a unit's restrictions, but those that could break a program: files (all but WRITABLE are read-only), user,
capabilities, umask, core dumps, address families, namespaces, memory that is writable and executable, system calls. As
root all of it, for others what needs no root.
"""

import ctypes
import os
import resource
import subprocess
import sys

ALLOW, KILL = 0x7fff0000, 0x80000000
EQUAL, MASKED = 4, 7
NOBODY = 65534
CLONE_NEWNS = 0x20000
NAMESPACES = 0x7e020080
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}

libc = ctypes.CDLL(None, use_errno=True)


def error(number):
    """The action that fails a call."""
    return 0x50000 | number


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64),
                ("b", ctypes.c_uint64)]


class Filter:
    """A seccomp filter; what is not added to it gets `default`."""

    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p

    def __init__(self, default):
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(default)))

    def add(self, action, call, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            done = self.library.seccomp_rule_add_exact_array(
                self.context, ctypes.c_uint32(action), number, len(comparisons),
                (Comparison * len(comparisons))(*comparisons))
            assert done == 0, f"{call}: {os.strerror(-done)}"

    def load(self):
        done = self.library.seccomp_load(self.context)
        assert done == 0, os.strerror(-done)


def read_unit(path):
    """The settings of its section [Service], each with all its values."""
    settings, section = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in map(str.strip, lines):
            if line.startswith("["):
                section = line
            elif section == "[Service]" and line and not line.startswith("#"):
                name, _, value = line.partition("=")
                settings.setdefault(name, []).append(value)
    return settings


def calls_of(name):
    """The system calls of a set such as @process, as this systemd knows it."""
    if not name.startswith("@"):
        return {name}
    told = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True)
    members = [line.strip() for line in told.stdout.splitlines()[1:]]
    return set().union(*(calls_of(member) for member in members if member and not member.startswith("#")))


def allowed_calls(unit):
    allowed = set()
    for value in unit["SystemCallFilter"]:
        named = set().union(*map(calls_of, value.lstrip("~").split()))
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed | calls_of("@default")


def filters_of(unit):
    """They are loaded one upon the other; what any of them forbids is forbidden."""
    calls = Filter(KILL)
    for call in sorted(allowed_calls(unit)):
        calls.add(ALLOW, call)
    families = Filter(ALLOW)
    wanted = {FAMILIES[name] for name in unit["RestrictAddressFamilies"][0].split()}
    for family in set(range(64)) - wanted:
        families.add(error(EAFNOSUPPORT), "socket", Comparison(0, EQUAL, family))
    memory = Filter(ALLOW)
    if unit["MemoryDenyWriteExecute"] == ["yes"]:
        both = PROT_WRITE | PROT_EXEC
        memory.add(error(EPERM), "mmap", Comparison(2, MASKED, both, both))
        for call in ("mprotect", "pkey_mprotect"):
            memory.add(error(EPERM), call, Comparison(2, MASKED, PROT_EXEC, PROT_EXEC))
        memory.add(error(EPERM), "shmat", Comparison(2, MASKED, SHM_EXEC, SHM_EXEC))
    spaces = Filter(ALLOW)
    if unit["RestrictNamespaces"] == ["yes"]:
        spaces.add(error(ENOSYS), "clone3")
        for bit in (1 << n for n in range(32) if NAMESPACES >> n & 1):
            spaces.add(error(EPERM), "clone", Comparison(0, MASKED, bit, bit))
            spaces.add(error(EPERM), "unshare", Comparison(0, MASKED, bit, bit))
    return families, memory, spaces, calls


def protect_files(writable):
    """ProtectSystem=strict."""
    assert libc.unshare(CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for path in writable:
        subprocess.run(["mount", "--bind", path, path], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", "/"], check=True)


def give_up_privileges():
    """User= and CapabilityBoundingSet=."""
    last = int(open("/proc/sys/kernel/cap_last_cap", encoding="ascii").read())
    for capability in range(last + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def main(arguments):
    unit = read_unit(arguments[0])
    split = arguments.index("--")
    filters = filters_of(unit)
    for pair in " ".join(unit["Environment"]).split():
        os.environ.setdefault(*pair.split("=", 1))
    if os.geteuid() == 0:
        protect_files(arguments[1:split])
        give_up_privileges()
    os.umask(int(unit["UMask"][0], 8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for each in filters:
        each.load()
    os.execv(arguments[split + 1], arguments[split + 1:])


if __name__ == "__main__":
    main(sys.argv[1:])
