"""Which channels this installation knows. Found is not enabled: nothing listens until an account exists."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import channels_adapters
from channels_adapters.contract import Adapter, LiveAdapter

NO_CHANNEL = "contract"  # the one folder here that isn't a channel
ENTRY_POINT_GROUP = "sportello.adapters"


class UnknownKind(LookupError):
    """No adapter of that kind is installed."""


def _from_folders() -> dict[str, type[Adapter]]:
    found = {}
    for module in pkgutil.iter_modules(channels_adapters.__path__):
        if module.ispkg and module.name != NO_CHANNEL:
            adapter = importlib.import_module(f"channels_adapters.{module.name}.adapter").Adapter
            found[module.name] = adapter
    return found


def _from_packages() -> dict[str, type[Adapter]]:
    return {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINT_GROUP)}


@cache
def adapters() -> dict[str, type[Adapter]]:
    """Every adapter by its kind. A folder of ours wins over a package that takes the same name.

    Raises `TypeError` when a folder's adapter doesn't carry the folder's name.
    """
    found = {**_from_packages(), **_from_folders()}
    for kind, adapter in found.items():
        if adapter.kind != kind:
            raise TypeError(f"The adapter in “{kind}” calls itself “{adapter.kind}”: the folder's name is its kind.")
    return dict(sorted(found.items()))


def get(kind: str) -> type[Adapter]:
    try:
        return adapters()[kind]
    except KeyError:
        raise UnknownKind(
            f"No channel of kind “{kind}” is installed. Known: {', '.join(adapters()) or 'none'}."
        ) from None


def loader() -> str | None:
    """Static path of the script that towns embed, from the first live channel that has one."""
    for adapter in adapters().values():
        if issubclass(adapter, LiveAdapter):
            return adapter.loader
    return None


def folders_with(name: str) -> list[Path]:
    """Adapter folders that bring a sub-folder of that name (templates, static, locale): settings switch these on."""
    roots = [Path(path) for path in channels_adapters.__path__]
    return [found for root in roots for found in sorted(root.glob(f"*/{name}")) if found.is_dir()]
