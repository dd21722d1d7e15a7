"""Composes the app: which module answers which prefix, and which jobs there are. No logic."""

from importlib import import_module

from chalicelib.foundation.kernel.startup import in_lambda
from chalicelib.foundation.web.health import api as house
from chalicelib.foundation.web.shell import Jule

ROUTES: dict[str, str] = {
    "accounts": "accounts.routes.accounts",
    "sessions": "accounts.routes.sessions",
    "staff": "accounts.routes.staff",
    "profile": "accounts.routes.profile",
    "reports": "support.routes.reports",
    "bindings": "accounts.routes.bindings",
    "oauth": "accounts.routes.outward",
    "links": "accounts.routes.outward",
    "guardianships": "accounts.routes.guardianships",
    "verification": "accounts.routes.verification",
    "recovery": "accounts.routes.recovery",
    "products": "catalog.routes",
    "orders": "orders.routes",
    "payments": "orders.routes",
    "policies": "consent.routes",
    "notices": "consent.routes",
    "consents": "consent.routes",
    "inbox": "notifications.routes",
    "media": "media.routes",
    "posts": "community.routes.posts",
    "comments": "community.routes.posts",
    "people": "community.routes.people",
    "me": "community.routes.own",
    "activity": "community.routes.own",
    "cases": "support.routes.cases",
    "looks": "support.routes.cases",
    "contact": "support.routes.cases",
    "desk": "support.routes.desk",
    "wards": "rights.routes.own",
    "requests": "rights.routes.own",
    "merges": "rights.routes.own",
    "cancellation": "rights.routes.own",
    "on-behalf": "rights.routes.behalf",
    "handovers": "rights.routes.behalf",
    "evidence-key": "rights.routes.own",
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

app = Jule(ROUTES, lazy=in_lambda())
app.register_blueprint(house.blueprint)
if not in_lambda():
    for name in JOBS:
        app.register_blueprint(import_module(name).jobs.blueprint)
