"""Settings for who uses an embedded server: as if its address had been configured."""

from __future__ import annotations

from collections.abc import Mapping

from hub.options import Settings


def lent(settings: Settings, urls: Mapping[str, str]) -> Settings:
    """Return the same settings with the addresses in place.

    Args:
        urls: what the option `url` becomes, by section.
    """
    sections = {name: getattr(settings, name).model_copy(update={"url": url}) for name, url in urls.items()}
    return settings.model_copy(update=sections)
