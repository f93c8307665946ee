"""System calls that Python 3.11 does not offer: new namespaces, changing namespaces, TUN devices."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000


def _call(name: str, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def die_with_parent(signal: int) -> None:
    """Have the kernel send us a signal when the process that started us ends."""
    _call("prctl", PR_SET_PDEATHSIG, signal, 0, 0, 0)


def enter_new_user_namespace() -> None:
    """Become root of a user namespace of our own, or stay root where there are no such namespaces. The caller may have one thread only."""
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", CLONE_NEWUSER)
    except OSError:
        if user == 0:
            return
        raise
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1", "ascii")


def new_network_namespace() -> int:
    """Make an anonymous network namespace, stand in it, and return a descriptor that keeps it."""
    _call("unshare", CLONE_NEWNET)
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(namespace: int) -> None:
    """Stand in a network namespace: sockets and TUNs opened from now on belong to it."""
    _call("setns", namespace, CLONE_NEWNET)


def open_tun(name: str) -> int:
    """A TUN device in the namespace we stand in: its descriptor, not blocking, one packet per read."""
    import fcntl  # not everywhere where tests of the package are collected

    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode("ascii"), IFF_TUN | IFF_NO_PI))
    return descriptor
