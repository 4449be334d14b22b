"""Whether others may change what lies in a folder that programs are run from."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def check_folder(folder: Path) -> None:
    """Refuse a folder that others may write to, or below one in which others may put another in
    its place. The folders of the system may be root's; one with the sticky bit, such as /tmp, lets
    nobody move what is another's.

    Errors: PermissionError that names the folder.
    """
    if os.name != "posix":
        return
    real = Path(os.path.realpath(folder))
    _check(real, os.stat(real), own=True)
    for above in real.parents:
        _check(above, os.stat(above), own=False)


def _check(folder: Path, facts: os.stat_result, own: bool) -> None:
    owners = {os.getuid()} if own else {os.getuid(), 0, _nobody()}
    if facts.st_uid not in owners:
        raise PermissionError(f"cache: {folder} belongs to another user")
    sticky = not own and facts.st_mode & stat.S_ISVTX
    group = facts.st_mode & stat.S_IWGRP and (own or not _of_one(facts.st_gid))
    if (facts.st_mode & stat.S_IWOTH or group) and not sticky:
        raise PermissionError(f"cache: {folder} can be written by others")


def _of_one(group: int) -> bool:
    """Whether the group is root's, or that of this user alone, as many systems have one for each
    user."""
    if group == 0:
        return True
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and set(found.gr_mem) <= {user.pw_name}


def _nobody() -> int:
    """Whom the system's folders belong to inside a container that does not know their owner."""
    try:
        first, outside, count = map(int, Path("/proc/self/uid_map").read_text().split())
        if (first, outside) == (0, 0) and count >= 2**32 - 1:
            return 0  # every owner is known
        return int(Path("/proc/sys/kernel/overflowuid").read_text())
    except (OSError, ValueError):
        return 0
