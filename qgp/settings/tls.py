"""TLS of a PostgreSQL address: libpq's `sslmode` and certificate files, as asyncpg takes them."""

import ssl
from collections.abc import Mapping
from pathlib import Path

OPTIONS = frozenset({"ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword"})

_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
_SSL_WORDS = {"true": "require", "1": "require", "on": "require", "false": "disable"}
_SYSTEM = "system"


def argument(options: Mapping[str, str]) -> str | ssl.SSLContext | None:
    """Return `asyncpg.connect`'s `ssl`: a mode, a context where files are used, None for neither.

    The rules are libpq's: `require` with a root certificate verifies it as `verify-ca` does;
    `sslrootcert=system` needs `verify-full`. A root certificate without a mode asks for
    `verify-full`, which is stricter than libpq.

    Args:
        options: the query of the address.

    Raises:
        ValueError: the options contradict each other or a file cannot be used; the message repeats
            no value.
    """
    chosen, roots = mode(options), options.get("sslrootcert")
    certificate = _certificate(options)
    if chosen is None and roots is None and certificate is None:
        return None
    chosen = chosen or "verify-full"
    if roots is None and certificate is None and not chosen.startswith("verify"):
        return chosen
    if chosen in {"disable", "allow", "prefer"}:
        raise ValueError("names certificate files; with them, sslmode must be require or verify-…")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = chosen == "verify-full"
    if chosen == "require" and roots is None:
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, roots, chosen)
    if certificate is not None:
        _identify(context, *certificate)
    return context


def mode(options: Mapping[str, str]) -> str | None:
    """Return libpq's mode that `sslmode` or `ssl` names, None for neither.

    Raises:
        ValueError: there is no such mode, or they name different ones.
    """
    named = {name: options[name].lower() for name in ("sslmode", "ssl") if name in options}
    if "ssl" in named:
        named["ssl"] = _SSL_WORDS.get(named["ssl"], named["ssl"])
    modes = set(named.values())
    if modes - _MODES:
        raise ValueError(f"needs an sslmode out of {', '.join(sorted(_MODES))}")
    if len(modes) > 1:
        raise ValueError("says one thing in sslmode= and another in ssl=; keep sslmode=")
    return modes.pop() if modes else None


def _certificate(options: Mapping[str, str]) -> tuple[str, str | None, str] | None:
    """Return the client's certificate, its key where that is another file, and the password."""
    certificate, key = options.get("sslcert"), options.get("sslkey")
    if certificate is None:
        if key is not None:
            raise ValueError("names an sslkey without its sslcert")
        return None
    return certificate, key, options.get("sslpassword", "")


def _trust(context: ssl.SSLContext, roots: str | None, mode: str) -> None:
    """Load the certificates that the server's own must descend from."""
    roots = roots or _default_roots()
    if roots in {None, _SYSTEM}:
        if mode != "verify-full":
            raise ValueError("needs an sslrootcert file, or sslmode=verify-full")
        context.load_default_certs()
        return
    try:
        context.load_verify_locations(cafile=roots)
    except OSError:
        raise ValueError("names an sslrootcert that cannot be read") from None


def _default_roots() -> str | None:
    """Return libpq's own root certificate file, where the user has one."""
    try:
        path = Path.home() / ".postgresql" / "root.crt"
    except RuntimeError:  # a user without a home folder, as containers may have
        return None
    return str(path) if path.exists() else None


def _identify(context: ssl.SSLContext, certificate: str, key: str | None, password: str) -> None:
    """Load the client's certificate; never ask for a password on the terminal."""
    try:
        context.load_cert_chain(certificate, key, password=lambda: password)
    except OSError:
        raise ValueError(
            "names an sslcert or sslkey that cannot be read, or that do not belong together"
        ) from None
