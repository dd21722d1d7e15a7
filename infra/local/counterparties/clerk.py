"""The clerk: one thread that settles refunds when their time comes and delivers notifications until they are taken."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from .cashier import delivery
from .ledger import Books, Delivery, Ledger, stamp
from .notices import Notice, Scribe

# WeChat waits 15 s, 15 s, 30 s, 3 min … 6 h; a developer does not.
RETRY_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 60.0, 60.0)
TAKEN: Final = frozenset({200, 204})
_IDLE_S: Final = 3600.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


class Clerk:
    """Works through what is due, and sleeps until the next."""

    def __init__(self, ledger: Ledger, scribe: Scribe, retry_s: Sequence[float] = RETRY_S) -> None:
        self._ledger = ledger
        self._scribe = scribe
        self._retry_s = tuple(retry_s)
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)
        self._pool = PoolManager(timeout=Timeout(connect=1.0, read=10.0), retries=False, maxsize=16)

    def start(self) -> None:
        """Begin, with what an earlier run left over."""
        self._thread.start()

    def stop(self) -> None:
        """End after the delivery at hand."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._pool.clear()

    def wake(self) -> None:
        """Look at the books again."""
        self._wake.set()

    def send(self, notices: Sequence[Notice]) -> list[int]:
        """Deliver notifications side by side, once each; give the statuses answered (0: no answer)."""
        with ThreadPoolExecutor(max_workers=16) as workers:
            return list(workers.map(self._post, notices))

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            self._wake.wait(self._work())

    def _work(self) -> float:
        """Do what is due; give the seconds until something else is."""
        with self._ledger.writing() as books:
            _settle_refunds(books)
            now_s = time.time()
            due = [one for one in books.deliveries if one.due_s is not None and one.due_s <= now_s]
            written = [(one, self._scribe.write(one)) for one in due]
        for one, notice in written:
            status = self._post(notice)
            with self._ledger.writing():
                self._note(one, status)
        with self._ledger.reading() as books:
            waiting = [one.due_s for one in books.deliveries if one.due_s is not None]
            waiting += [
                refund.settles_s
                for trade in books.trades.values()
                for refund in trade.refunds
                if refund.status == "PROCESSING"
            ]
        return max(0.0, min(waiting, default=time.time() + _IDLE_S) - time.time())

    def _note(self, one: Delivery, status: int) -> None:
        one.statuses.append(status)
        tries = len(one.statuses)
        if status in TAKEN or tries > len(self._retry_s):
            one.due_s = None
        else:
            one.due_s = time.time() + self._retry_s[tries - 1]

    def _post(self, notice: Notice) -> int:
        if urlsplit(notice.url).hostname not in _LOOPBACK:
            return 0
        try:
            answer = self._pool.request(
                "POST", notice.url, body=notice.body.encode(), headers=notice.headers, redirect=False
            )
        except HTTPError:
            return 0
        return int(answer.status)


def _settle_refunds(books: Books) -> None:
    for trade in books.trades.values():
        for refund in trade.refunds:
            if refund.status != "PROCESSING" or refund.settles_s > time.time():
                continue
            refund.status, refund.success_at, trade.state = "SUCCESS", stamp(), "REFUND"
            url = refund.notify_url
            if url:
                books.deliveries.append(delivery("REFUND.SUCCESS", trade, out_refund_no=refund.out_refund_no, url=url))
