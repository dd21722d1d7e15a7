"""How a process starts in Lambda: what imports make is no garbage, so nobody looks for any until the first answer.

Whatever enters the house (`app.py`, `work`) imports this before anything heavy, and settles once it has answered.
"""

import gc

from .config import optional


def in_lambda() -> bool:
    """Say whether this process is a Lambda function, where only what a request needs is imported."""
    return bool(optional("AWS_LAMBDA_FUNCTION_NAME"))


def settle() -> None:
    """Set aside for good what starting has made, and collect garbage from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


if in_lambda():
    gc.disable()
