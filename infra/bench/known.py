"""What a warm process knows already: opened wrapping keys and the day's key. Nobody's data key among them."""

import msgspec


class Known(msgspec.Struct):
    """Keys of a local cloud of the bench that is gone by the time this is read."""

    opened: dict[str, bytes]
    day_keys: dict[str, bytes]

    def teach(self) -> None:
        """Let this process know it."""
        from chalicelib.foundation.vault import wrapping
        from chalicelib.foundation.web import limits

        wrapping._cache.opened.update(self.opened)  # noqa: SLF001 - as the calls on the tape have left it
        limits._day_keys.update(self.day_keys)  # noqa: SLF001


def learnt() -> Known:
    """Give what this process knows."""
    from chalicelib.foundation.vault import wrapping
    from chalicelib.foundation.web import limits

    return Known(dict(wrapping._cache.opened), dict(limits._day_keys))  # noqa: SLF001
