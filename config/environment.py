"""Reading the environment. A secret NAME may also come from the file that NAME_FILE points to."""

import os
from pathlib import Path


def text(name: str, default: str = "") -> str:
    file = os.environ.get(f"{name}_FILE")
    if file:
        return _from_file(name, Path(file))
    return os.environ.get(name, default)


def _from_file(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(
            f"{name}_FILE names {file}, which can't be read: {error}. Correct it and start again."
        ) from None


def flag(name: str, default: bool = False) -> bool:
    return text(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise SystemExit(f"{name} must be a whole number, not “{value}”. Correct it and start again.") from None


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def group(prefix: str) -> dict[str, str]:
    """Every variable that begins so, without the beginning; secrets from files as well."""
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
    return {name.removeprefix(prefix): text(name) for name in sorted(names)}
