"""Where citizens' files lie: a folder by default, or what FILES_URL says (s3://bucket/prefix)."""

import contextlib
import hashlib

import fsspec


class Files:
    """A place for files, by paths of our own making."""

    def __init__(self, url: str) -> None:
        self._system, self._root = fsspec.core.url_to_fs(url)

    def keep(self, data: bytes, ending: str) -> str:
        """Write a file and return its path; the same bytes get the same path, so a repeat is harmless."""
        digest = hashlib.sha256(data).hexdigest()
        path = f"{digest[:2]}/{digest}.{ending}"
        target = f"{self._root}/{path}"
        self._system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        self._system.pipe_file(target, data)
        return path

    def open(self, path: str) -> bytes:
        """The bytes of a file; raises FileNotFoundError."""
        return bytes(self._system.cat_file(f"{self._root}/{path}"))

    def delete(self, path: str) -> None:
        """Delete a file; one that is not there is no fault."""
        with contextlib.suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{path}")
