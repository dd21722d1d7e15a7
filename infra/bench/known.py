"""What a warm process knows already: opened wrapping keys, day's key, public key. Nobody's data key among them."""

from datetime import datetime

import msgspec


class Known(msgspec.Struct):
    """Keys of a local cloud of the bench that is gone by the time this is read."""

    opened: dict[str, bytes]
    current: str
    day_keys: dict[str, bytes]
    public_keys: dict[str, bytes]
    at: datetime

    def teach(self) -> None:
        """Let this process know it, and live on from then: what was recorded is good for some minutes only."""
        from chalicelib.foundation.audit import sealer
        from chalicelib.foundation.kernel import clock
        from chalicelib.foundation.vault import wrapping
        from chalicelib.foundation.web import limits

        sealer._public_keys.update(self.public_keys)  # noqa: SLF001 - as the calls on the tape have left it
        if self.current:
            wrapping._cache.current = (self.current, clock.steady_s())  # noqa: SLF001
        wrapping._cache.opened.update(self.opened)  # noqa: SLF001
        limits._day_keys.update(self.day_keys)  # noqa: SLF001
        now = clock.now
        late = now() - self.at
        clock.now = lambda: now() - late


def learnt() -> Known:
    """Give what this process knows."""
    from chalicelib.foundation.audit import sealer
    from chalicelib.foundation.kernel import clock
    from chalicelib.foundation.vault import wrapping
    from chalicelib.foundation.web import limits

    current = wrapping._cache.current  # noqa: SLF001
    return Known(
        opened=dict(wrapping._cache.opened),  # noqa: SLF001
        current=current[0] if current else "",
        day_keys=dict(limits._day_keys),  # noqa: SLF001
        public_keys=dict(sealer._public_keys),  # noqa: SLF001
        at=clock.now(),
    )
