"""Where a database lies: its address read, and disks that SQLite should not lie on. Opens nothing."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from monitor.errors import Mistake

_NETWORKS = """
    nfs nfs4 cifs smb3 smbfs smb2 afs ncpfs sshfs fuse.sshfs fuse.rclone fuse.s3fs glusterfs fuse.glusterfs ceph
    fuse.ceph lustre beegfs davfs fuse.davfs2 drvfs
"""
NETWORKS = frozenset(_NETWORKS.split())
SYNCED = ("dropbox", "onedrive", "google drive", "googledrive", "icloud", "mobile documents", "nextcloud", "owncloud",
          "syncthing")  # fmt: skip


def read_url(url: str) -> URL:
    """The parts of a database address.

    Raises:
        Mistake: it is none that Straitwatch can use; the text never shows it.
    """
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Mistake(
            "database.url is no database address; it reads sqlite:///FILE or"
            " postgresql://USER:PASSWORD@HOST:PORT/NAME, odd characters as %XX"
        ) from error
    kind = parts.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise Mistake(f"database.url is of the kind {kind}; Straitwatch knows sqlite and postgresql")
    return parts


def refuse_network(file: Path, mounts: str) -> None:
    """Refuse a file on a disk that another machine may hold, where SQLite's locks and -shm cannot be relied on.

    Args:
        mounts: as /proc/mounts has them; "" where the system does not say.

    Raises:
        Mistake: it is on such a disk.
    """
    here = file.absolute().resolve()
    place, kind = "", ""
    for mounted, of_kind in _mount_points(mounts):
        if here.is_relative_to(mounted) and len(mounted) >= len(place):
            place, kind = mounted, of_kind
    if kind in NETWORKS:
        raise Mistake(
            f"{file} lies on a network's disk ({kind} at {place}): SQLite needs a local one."
            " Name another data folder, or a PostgreSQL database"
        )


def _mount_points(mounts: str) -> Iterator[tuple[str, str]]:
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) >= 3:
            yield parts[1].replace("\\040", " "), parts[2]


def mounts() -> str:
    """/proc/mounts; "" where the system has none."""
    try:
        return Path("/proc/self/mounts").read_text("utf-8", "replace")
    except OSError:
        return ""


def advice(file: Path) -> str:
    """What is not wrong but risky about where a database lies; "" when nothing is."""
    for part in file.absolute().parts:
        if part.lower().startswith(SYNCED):
            return (
                f"the database lies in {part}, which looks like a folder that is synced with other machines:"
                " SQLite needs a local disk"
            )
    return ""
