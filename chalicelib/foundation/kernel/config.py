"""Configuration from the environment: read here, once, and nowhere else."""

import os
from functools import cache


class ConfigMissing(LookupError):
    """A setting that this process needs is not set; carries its name, never a value."""


class Config:
    """What the deployment told this process. Names of settings are listed in the README."""

    def __init__(self, environ: dict[str, str]) -> None:
        """Take a copy of the environment."""
        self._environ = environ
        self.stage = self.setting("JULE_STAGE")

    def table(self, noun: str) -> str:
        """Name the physical table of a noun such as `people`."""
        return f"jule-{self.stage}-{noun}"

    def queue_url(self, name: str) -> str:
        """Give the address of a queue such as `erasures`; one is told, and the others stand beside it."""
        return self.setting("QUEUE_NOTICES").removesuffix("notices") + name

    def bucket(self, name: str) -> str:
        """Name the bucket of a use such as `media`."""
        return self.setting(f"BUCKET_{name.upper()}")

    def key_arn(self, name: str) -> str:
        """Give the ARN of a KMS key: `data` or `sign`."""
        return self.setting(f"KEY_{name.upper()}")

    def setting(self, name: str, default: str | None = None) -> str:
        """Read one setting.

        Raises:
            ConfigMissing: it is not set and has no default.
        """
        value = self._environ.get(name, default)
        if value is None:
            raise ConfigMissing(name)
        return value


@cache
def config() -> Config:
    """Give this process its configuration."""
    return Config(dict(os.environ))


def reset_config() -> None:
    """Forget what was read, after a test changed the environment."""
    config.cache_clear()


def optional(name: str) -> str:
    """Read one variable where nothing else need be configured, as while the app is packaged."""
    return os.environ.get(name, "")
