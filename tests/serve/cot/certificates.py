"""An authority of our own with certificates for a server and a client, made by the `openssl` that systems have."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        """The path of "ca", "server", "client" or "stranger" (certificate) or of its key: "server.key"."""
        path = self.folder / (name if name.endswith(".key") else f"{name}.pem")
        assert path.is_file()
        return str(path)


def made(openssl: str, folder: Path) -> Certificates:
    """Two authorities: ours, which signed a server and a client, and that of a stranger."""

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other"):
        run("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    for name, signer, extension in (
        ("server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth"),
        ("client", "ca", "extendedKeyUsage=clientAuth"),
        ("stranger", "other", "extendedKeyUsage=clientAuth"),
    ):
        (folder / "extension").write_text(f"basicConstraints=CA:FALSE\n{extension}\n")
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "2", "-extfile", "extension")  # fmt: skip
    return Certificates(folder)
