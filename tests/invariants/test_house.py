"""The rules of the house hold for every file, and each rule notices a planted breach of itself."""

from pathlib import PurePosixPath

import pytest

from infra import house
from infra.house import Source, breaches

SERVICE = "chalicelib/orders/service.py"
GATEWAY = "chalicelib/foundation/gateways/sms.py"
LONG_FUNCTION = "def place():\n" + "    step()\n" * 40
PLANTED = [
    ("short_files", SERVICE, "x = 1\n" * 301),
    ("short_functions", SERVICE, LONG_FUNCTION),
    ("short_functions", SERVICE, LONG_FUNCTION.replace("def", "async def")),
    ("few_positional", SERVICE, "def place(a, b, c, d): ...\n"),
    ("few_positional", SERVICE, "class Desk:\n    def place(self, a, b, /, c, d): ...\n"),
    ("telling_names", "chalicelib/orders/utils.py", ""),
    ("telling_names", "infra/helpers/paths.py", ""),
    ("telling_names", "chalicelib/foundation/web/common.py", ""),
    ("telling_names", "chalicelib/foundation/vault/manager.py", ""),
    ("nothing_unfinished", SERVICE, "x = 1  # TO" + "DO later\n"),
    ("nothing_unfinished", "README.md", "FIX" + "ME\n"),
    ("nothing_unfinished", "tests/unit/test_x.py", "@pytest.mark." + "skip\ndef test_x(): ...\n"),
    ("nothing_swallowed", SERVICE, "try:\n    f()\nexcept ValueError:\n    pass\n"),
    ("nothing_swallowed", SERVICE, "try:\n    f()\nexcept ValueError:\n    ...\n"),
    ("nothing_swallowed", SERVICE, "try:\n    f()\nexcept:\n    g()\n"),
    ("closed_log", SERVICE, "import logging\n"),
    ("closed_log", SERVICE, "from logging import getLogger\n"),
    ("closed_log", SERVICE, "print(order)\n"),
    ("closed_log", GATEWAY, "import logging\nlogging.info(answer)\n"),
    ("closed_log", GATEWAY, "import logging\nlogging.getLogger('sms').warning(answer)\n"),
    ("closed_log", GATEWAY, "logger.exception(answer)\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, note=f'{order}')\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, note='%s' % order)\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, note={'a': order})\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, **fields)\n"),
    ("closed_log", SERVICE, "log.event('order placed')\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, 'ord_1')\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, kind=str(fault))\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, kind='{}'.format(fault))\n"),
    ("closed_log", SERVICE, "log.event(Event.ORDER_PLACED, kind='a ' + fault.text)\n"),
    ("closed_log", SERVICE, "event(Event.ORDER_PLACED, note=f'{order}')\n"),
    ("closed_log", SERVICE, "sys.stdout.write(order)\n"),
    ("closed_log", SERVICE, "traceback.print_exc()\n"),
    ("one_clock", SERVICE, "at = clock.now()\n"),
    ("one_clock", SERVICE, "from os import environ\n"),
    ("one_clock", SERVICE, "from time import time\n"),
    ("one_clock", SERVICE, "at = datetime.now(UTC)\n"),
    ("one_clock", SERVICE, "at = datetime.datetime.utcnow()\n"),
    ("one_clock", SERVICE, "day = date.today()\n"),
    ("one_clock", SERVICE, "at = time.time()\n"),
    ("one_clock", "chalicelib/foundation/store/row.py", "stage = os.environ['STAGE']\n"),
    ("one_clock", "chalicelib/foundation/kernel/money.py", "stage = os.getenv('STAGE')\n"),
    ("known_rooms", "chalicelib/orders/views.py", ""),
    ("known_rooms", "chalicelib/orders/tables/order/rows.py", ""),
    ("known_rooms", "chalicelib/orders/data.json", "{}"),
    ("any_partition", "policies/iam/orders.json", '"arn:' + 'aws:dynamodb:x"'),
    ("any_partition", "infra/resources.yaml", "arn:" + "aws-cn:s3:::x"),
    ("any_machine", "README.md", "open /home" + "/someone/jule\n"),
    ("any_machine", "Makefile", "cd /work" + "/main\n"),
]
CLEAN = [
    (SERVICE, "def place(call, order, *, at, note): ...\n"),
    (SERVICE, "log.event(Event.ORDER_PLACED, order_id=order.order_id, took_ms=round(took * 1000))\n"),
    (SERVICE, "try:\n    f()\nexcept ValueError:\n    return None\n"),
    (SERVICE, "at = call.at\n"),
    (GATEWAY, "import logging\nlogging.getLogger('urllib3').setLevel(logging.CRITICAL)\n"),
    ("chalicelib/orders/service/place.py", ""),
    ("chalicelib/foundation/kernel/clock.py", "at = datetime.now(UTC)\n"),
    ("chalicelib/foundation/work/job.py", "at = time.time()\n"),
    ("policies/iam/orders.json", '"arn:${AWS::Partition}:dynamodb:x"'),
    ("README.md", "See `chalicelib/foundation/work/job.py` and /v1/work/x\n"),
    ("tests/unit/test_x.py", "def test_x(a, b, c, d): ...\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_breach_is_noticed(rule: str, path: str, text: str):
    assert rule in {breach.rule for breach in breaches(Source(PurePosixPath(path), text))}


@pytest.mark.parametrize(("path", "text"), CLEAN)
def test_what_the_house_allows_passes(path: str, text: str):
    assert breaches(Source(PurePosixPath(path), text)) == []


def test_every_rule_has_a_planted_breach():
    assert {rule.__name__ for rule in house.RULES} == {rule for rule, _, _ in PLANTED}


def test_the_whole_project_keeps_the_rules():
    found = [f"{source.path}:{b.line} {b.rule} {b.says}" for source in house.sources() for b in breaches(source)]
    assert found == []
