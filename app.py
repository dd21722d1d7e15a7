"""Composes the app: which domain answers which prefix, and which jobs there are. No logic."""

from importlib import import_module

from chalicelib.foundation.kernel.startup import in_lambda
from chalicelib.foundation.web.health import api as house
from chalicelib.foundation.web.shell import Jule

DOMAINS: dict[str, str] = {
    "accounts": "accounts",
    "sessions": "accounts",
    "profile": "accounts",
    "products": "catalog",
    "orders": "orders",
    "payments": "orders",
    "policies": "consent",
    "notices": "consent",
    "consents": "consent",
    "inbox": "notifications",
    "media": "media",
    "posts": "community",
    "comments": "community",
    "requests": "rights",
    "cancellation": "rights",
    "evidence-key": "rights",
}
JOBS: tuple[str, ...] = (
    "chalicelib.accounts.jobs",
    "chalicelib.notifications.jobs",
    "chalicelib.media.jobs",
    "chalicelib.orders.jobs",
    "chalicelib.community.jobs",
    "chalicelib.rights.jobs",
    "chalicelib.foundation.work.sweeps",
)

app = Jule(DOMAINS, lazy=in_lambda())
app.register_blueprint(house.blueprint)
if not in_lambda():
    for name in JOBS:
        app.register_blueprint(import_module(name).jobs.blueprint)
