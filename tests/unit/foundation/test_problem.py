"""Refusals, versions and languages: what stands in every answer."""

import msgspec
import pytest

from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure, Kind, NotFound, TooMany, Unauthenticated
from chalicelib.foundation.web import problem, versions
from chalicelib.foundation.web.answer import VersionMissing, VersionStale, version_asked


def every_failure() -> list[type[Failure]]:
    def below(kind: type[Failure]) -> list[type[Failure]]:
        return [one for child in kind.__subclasses__() for one in (child, *below(child))]

    import app

    assert app.app is not None
    return [one for one in below(Failure) if one.__module__.startswith("chalicelib.") and "code" in vars(one)]


def test_every_kind_has_a_status_of_its_own():
    assert problem.STATUS.keys() == set(Kind)
    assert len(set(problem.STATUS.values())) == len(Kind)


def test_every_failure_has_a_stable_code_and_says_itself_in_both_languages():
    found = every_failure()
    assert len(found) > 30
    for failure in found:
        domain, _, reason = failure.code.partition(".")
        assert domain.isidentifier(), failure
        assert reason.isidentifier(), failure
        assert failure.title_zh, failure
        assert not failure.title_zh.isascii(), failure
        assert failure.title_en.isascii(), failure
    codes = [failure.code for failure in found]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "zh-CN"),
        ("*", "zh-CN"),
        ("fr, de;q=0.5", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr, EN-gb;q=0.5", "en"),
        ("en;q=0.1, zh;q=0.9", "zh-CN"),
        ("en;q=0, zh", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=x", "zh-CN"),
        ("english", "zh-CN"),
        (";;,,q=1", "zh-CN"),
        ("zh;q=0.5, en", "en"),
    ],
)
def test_the_language_that_is_liked_best_is_chosen(accept: str, language: str):
    assert problem.choose_language(accept) == language


def test_a_refusal_says_what_it_is_in_the_callers_language():
    chinese = msgspec.to_builtins(problem.problem(NotFound(), "rid_1", "zh-CN"))
    english = msgspec.to_builtins(problem.problem(NotFound(), "rid_1", "en"))
    assert chinese == {
        "type": "urn:jule:problem:request.not_found",
        "title": "没有找到",
        "status": 404,
        "code": "request.not_found",
        "request_id": "rid_1",
        "retryable": False,
        "errors": [],
    }
    assert english == {**chinese, "title": "Not found"}


def test_headers_of_a_refusal_say_when_and_how_to_try_again():
    assert problem.headers_of(TooMany(retry_after_s=7))["Retry-After"] == "7"
    assert problem.headers_of(Unauthenticated())["WWW-Authenticate"].startswith("Bearer ")
    assert problem.headers_of(NotFound()) == {"Content-Type": "application/problem+json"}


@pytest.mark.parametrize(
    ("client", "minimum", "outcome"),
    [
        ("app/1.3.9", "app/1.4", "old"),
        ("app/1.4", "app/1.4", "fine"),
        ("app/1.4", "app/1.4.0", "fine"),
        ("app/1.4", "app/1.4.1", "old"),
        ("app/1.4.0", "app/1.4", "fine"),
        ("app/1.10", "app/1.9.5", "fine"),
        ("app/2.0", "app/1.9", "fine"),
        ("wxmp/1.0", "app/9.0, wxmp/1.1", "old"),
        ("wxmp/1.1", "app/9.0, wxmp/1.1", "fine"),
        ("web/0.1", "app/9.0,wxmp/9.0", "fine"),
        ("app/1.3", "", "fine"),
        ("", "app/1.4", "fine"),
        ("curl/8.0", "app/1.4", "fine"),
        ("app/9999999999.0", "app/1.4", "fine"),
    ],
)
def test_a_client_below_the_minimum_is_told_to_upgrade(
    client: str, minimum: str, outcome: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLIENT_MINIMUM", minimum)
    reset_config()
    if outcome == "old":
        with pytest.raises(versions.ClientTooOld):
            versions.refuse_old_client(client)
    else:
        versions.refuse_old_client(client)


@pytest.mark.parametrize(
    ("header", "channel"),
    [
        ("app/1.2", "app"),
        ("wxmp/1.2.3", "wxmp"),
        ("web/1.0", "web"),
        ("", "web"),
        ("system/1.0", "web"),
        ("APP/1", "web"),
    ],
)
def test_the_channel_is_one_of_three_whatever_a_client_says(header: str, channel: str):
    assert versions.channel_of(header) == channel


@pytest.mark.parametrize(
    ("header", "device"),
    [
        ("%E5%B0%8F%E7%B1%B3%2014", "小米 14"),
        ("Pixel 9; Android 16", "Pixel 9; Android 16"),
        ("100%25", "100%"),
        ("%E5%B0%8F" * 64, "小" * 64),
        ("%E5%B0%8F" * 65, ""),
        ("小米 14", ""),
        ("å°\x8fç±³", ""),
        ("%E5%B0", ""),
        ("%zz", ""),
        ("100%", ""),
        ("a%0Ab", ""),
        ("%E2%80%AE", ""),
        ("%20", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_in_percent_encoded_utf_8(header: str, device: str):
    assert versions.device_of(header) == device


def test_a_version_is_read_out_of_if_match():
    assert version_asked('"3"') == 3
    assert version_asked(' "12" ') == 12


@pytest.mark.parametrize("header", ['W/"3"', "*", '"3", "4"', '"-1"', '"a"', '""', '"' + "9" * 40 + '"', '"٣"'])
def test_a_tag_that_was_never_ours_is_stale(header: str):
    with pytest.raises(VersionStale):
        version_asked(header)


def test_an_edit_without_a_version_is_refused():
    with pytest.raises(VersionMissing):
        version_asked("")
