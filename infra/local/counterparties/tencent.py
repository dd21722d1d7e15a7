"""Tencent Cloud API 3.0: the TC3-HMAC-SHA256 signature checked for real, then SMS, moderation or the authority."""

import hashlib
import hmac
import re
import time
import uuid
from base64 import b64decode
from datetime import UTC, datetime
from typing import Final

import msgspec

from . import authority
from .authority import Authority
from .ledger import Judged, Ledger, Sms, stamp
from .moderator import judge_image, judge_text
from .secrets import Secrets
from .wire import Reply, Request, json_reply

_ALGORITHM: Final = "TC3-HMAC-SHA256"
_SKEW_S: Final = 300
_AUTHORIZATION: Final = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<date>[\d-]+)/(?P<service>\w+)/tc3_request, "
    r"SignedHeaders=(?P<signed>[\w;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
_VERSIONS: Final = {
    "SendSms": "2021-01-11",
    "TextModeration": "2020-12-29",
    "ImageModeration": "2020-12-29",
    **dict.fromkeys(authority.ACTIONS, "2018-03-01"),
}
_SERVICES: Final = {
    "SendSms": "sms",
    "TextModeration": "tms",
    "ImageModeration": "ims",
    **dict.fromkeys(authority.ACTIONS, "faceid"),
}
_MOBILE: Final = re.compile(r"(?:\+86|0086|86)?(1\d{10})")
_PARAMS: Final = 2


class Refused(Exception):
    """An error answer, by its code."""


class _SendSms(msgspec.Struct):
    numbers: list[str] = msgspec.field(name="PhoneNumberSet")
    app_id: str = msgspec.field(name="SmsSdkAppId")
    template: str = msgspec.field(name="TemplateId")
    sign: str = msgspec.field(name="SignName", default="")
    params: list[str] = msgspec.field(name="TemplateParamSet", default=[])


class _Moderate(msgspec.Struct):
    content: str = msgspec.field(name="Content", default="")
    file: str = msgspec.field(name="FileContent", default="")
    data_id: str = msgspec.field(name="DataId", default="")


class Tencent:
    """One endpoint for all four services, told apart by the action header."""

    def __init__(self, secrets: Secrets, ledger: Ledger) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self.authority = Authority(ledger, secrets.identity_rule)
        self._said = {
            secrets.sms_template_closed: "您的账号已注销,个人信息已按隐私政策删除。",
            secrets.sms_template_moved: "您的账号已更换手机号码。如非本人操作,请立即联系客服。",
            secrets.sms_template_recovery: "有人申请找回您的账号。如非本人操作,请立即在账号内或凭验证码停止。",
            secrets.sms_template_checked: "有人凭姓名和证件号码向客服证明是您账号的主人。如非本人,请立即联系客服。",
        }

    def operation(self, request: Request) -> str:
        """Name what is asked, as fault plans do."""
        action = request.headers.get("x-tc-action", "")
        return f"{_SERVICES.get(action, 'tencent')}.{action}"

    def answer(self, request: Request) -> Reply:
        """Check the signature and do it."""
        try:
            self._verify(request)
            return _reply(self._do(request))
        except (Refused, authority.Unanswerable) as refused:
            return _error(str(refused))
        except msgspec.DecodeError:
            return _error("InvalidParameter")

    def fail(self, mode: str) -> Reply:
        """Refuse without doing anything."""
        if mode == "limited":
            return _reply({"SendStatusSet": [_status("", "LimitExceeded.PhoneNumberDailyLimit")]})
        return _error("RequestLimitExceeded" if mode == "throttle" else "InternalError")

    def sign(self, reply: Reply) -> Reply:
        """Answers carry no signature."""
        return reply

    def _verify(self, request: Request) -> None:
        claim = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if claim is None:
            raise Refused("AuthFailure.InvalidAuthorization")
        if claim["id"] != self._secrets.tencent_secret_id:
            raise Refused("AuthFailure.SecretIdNotFound")
        timestamp = request.headers.get("x-tc-timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > _SKEW_S:
            raise Refused("AuthFailure.SignatureExpire")
        day = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d")
        signed = claim["signed"].split(";")
        action = request.headers.get("x-tc-action", "")
        if not {"content-type", "host"} <= set(signed) or claim["date"] != day:
            raise Refused("AuthFailure.SignatureFailure")
        if action in _SERVICES and claim["service"] != _SERVICES[action]:
            raise Refused("AuthFailure.SignatureFailure")
        expected = signature(request, signed, (day, claim["service"], self._secrets.tencent_secret_key))
        if not hmac.compare_digest(expected, claim["signature"]):
            raise Refused("AuthFailure.SignatureFailure")

    def _do(self, request: Request) -> dict[str, object]:
        action = request.headers.get("x-tc-action", "")
        if action not in _VERSIONS:
            raise Refused("InvalidAction")
        if request.headers.get("x-tc-version") != _VERSIONS[action]:
            raise Refused("NoSuchVersion")
        if not request.headers.get("x-tc-region") and action == "SendSms":
            raise Refused("MissingParameter")
        if action == "SendSms":
            return self._send(msgspec.json.decode(request.body, type=_SendSms))
        if action in authority.ACTIONS:
            return self.authority.do(action, request.body, host=request.headers.get("host", ""))
        return self._moderate(action, msgspec.json.decode(request.body, type=_Moderate))

    def _send(self, asked: _SendSms) -> dict[str, object]:
        if not asked.numbers:
            raise Refused("MissingParameter.EmptyPhoneNumberSet")
        if asked.app_id != self._secrets.sms_app_id:
            raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        return {"SendStatusSet": [self._send_one(asked, number) for number in asked.numbers]}

    def _send_one(self, asked: _SendSms, number: str) -> dict[str, object]:
        known = {self._secrets.sms_template: _PARAMS} | dict.fromkeys(self._said, 0)
        mobile = _MOBILE.fullmatch(number)
        code = "Ok"
        if mobile is None:
            code = "InvalidParameterValue.IncorrectPhoneNumber"
        elif asked.sign != self._secrets.sms_sign:
            code = "FailedOperation.SignatureIncorrectOrUnapproved"
        elif asked.template not in known:
            code = "FailedOperation.TemplateIncorrectOrUnapproved"
        elif len(asked.params) != known[asked.template]:
            code = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        status = _status(number, code)
        if code == "Ok" and mobile is not None:
            said = self._said.get(asked.template, "")
            if asked.params:
                said = f"验证码{asked.params[0]},{asked.params[1]}分钟内有效。如非本人操作,请忽略。"
            text = f"【{asked.sign}】{said}"
            sms = Sms(str(status["SerialNo"]), f"+86{mobile[1]}", next(iter(asked.params), ""), text, stamp())
            with self._ledger.writing() as books:
                books.sms.append(sms)
        return status

    def _moderate(self, action: str, asked: _Moderate) -> dict[str, object]:
        try:
            content = b64decode(asked.content or asked.file, validate=True)
            judge = judge_text if action == "TextModeration" else judge_image
            suggestion, label = judge(content)
        except ValueError:
            raise Refused("InvalidParameterValue.InvalidContent") from None
        kind = "text" if action == "TextModeration" else "image"
        with self._ledger.writing() as books:
            books.judged.append(Judged(uuid.uuid4().hex, kind, asked.data_id, suggestion, label, stamp()))
        return {
            "Suggestion": suggestion,
            "Label": label,
            "SubLabel": "",
            "Score": 0 if suggestion == "Pass" else 99,
            "Keywords": [],
            "DataId": asked.data_id,
            "BizType": "default",
        }


def signature(request: Request, signed: list[str], key: tuple[str, str, str]) -> str:
    """Sign a request as TC3-HMAC-SHA256 does; `key` is day, service and secret key."""
    day, service, secret = key
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    payload = hashlib.sha256(request.body).hexdigest()
    canonical = f"{request.method}\n{request.path}\n\n{headers}\n{';'.join(signed)}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{request.headers.get('x-tc-timestamp', '')}\n{day}/{service}/tc3_request\n{digest}"
    step = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        step = hmac.digest(step, part.encode(), "sha256")
    return hmac.new(step, text.encode(), "sha256").hexdigest()


def _status(number: str, code: str) -> dict[str, object]:
    sent = code == "Ok"
    return {
        "SerialNo": uuid.uuid4().hex if sent else "",
        "PhoneNumber": number,
        "Fee": int(sent),
        "SessionContext": "",
        "Code": code,
        "Message": "send success" if sent else code,
        "IsoCode": "CN",
    }


def _reply(response: dict[str, object]) -> Reply:
    return json_reply({"Response": {**response, "RequestId": str(uuid.uuid4())}})


def _error(code: str) -> Reply:
    return _reply({"Error": {"Code": code, "Message": code}})
