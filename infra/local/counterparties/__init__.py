"""The other side, on this machine: providers' real wire protocols on one loopback port, with a page to watch.

`python -m infra.local.counterparties --port N --dir D` serves Tencent Cloud (SMS, moderation, identity checks),
WeChat's `jscode2session` and WeChat Pay v3. Signatures, encryption, single use and expiry are real; only the
phones, payers and moderators are played, by the page at `/` or by the control API under `/_control`.
"""
