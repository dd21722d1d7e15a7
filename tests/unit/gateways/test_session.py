"""What botocore raises, as failures of ours."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, IncompleteReadError, ReadTimeoutError

from chalicelib.foundation.gateways.errors import ObjectMissing, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.gateways.session import faults
from chalicelib.foundation.kernel.errors import Failure


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("NoSuchKey", ObjectMissing),
        ("404", ObjectMissing),
        ("NoSuchUpload", ObjectMissing),
        ("SlowDown", ProviderUnavailable),
        ("InternalError", ProviderUnavailable),
        ("AccessDenied", ProviderRefused),
        ("NoSuchBucket", ProviderRefused),
    ],
)
def test_a_refusal_of_the_store_is_told_by_its_code(code: str, failure: type[Failure]) -> None:
    with pytest.raises(failure), faults("s3", "GetObject"):
        raise ClientError({"Error": {"Code": code, "Message": "per_1/med_1"}}, "GetObject")


@pytest.mark.parametrize(
    "fault",
    [
        ConnectTimeoutError(endpoint_url="http://h/per_1"),
        ReadTimeoutError(endpoint_url="http://h/per_1"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_no_answer_is_unavailable(fault: Exception) -> None:
    with pytest.raises(ProviderUnavailable), faults("s3", "GetObject"):
        raise fault


def test_only_the_code_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProviderRefused), faults("s3", "GetObject"):
        raise ClientError({"Error": {"Code": 'Bad"\n<Code>', "Message": "per_1/med_1"}}, "GetObject")
    assert capsys.readouterr().out == (
        '{"event":"provider_fault","provider":"s3","operation":"GetObject","kind":"BadCode"}\n'
    )


def test_a_failure_of_ours_passes_through() -> None:
    with pytest.raises(ObjectMissing), faults("s3", "GetObject"):
        raise ObjectMissing
