"""Who may read pictures in the cloud: the one distribution named at deployment, and it only those that passed."""

import re
from typing import Any

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.media import rules
from infra.local import front
from infra.local.template import Resolver

DISTRIBUTION = "arn:aws-cn:cloudfront::123456789012:distribution/E2EXAMPLE"


def statements(template: dict[str, Any], **parameters: str) -> list[dict[str, Any]]:
    """Give the statements of the media bucket's policy as a deployment with these parameters has them."""
    resolver = Resolver(template, parameters)
    resolver.made("MediaBucket", "media", Arn="arn:aws-cn:s3:::media")
    policy = resolver.resolve(template["Resources"]["MediaPolicy"]["Properties"]["PolicyDocument"])
    found: list[dict[str, Any]] = policy["Statement"]
    return found


@pytest.mark.promise("F3.1")
def test_without_a_distribution_nobody_reads(template: dict[str, Any]):
    assert [one["Effect"] for one in statements(template)] == ["Deny"]


@pytest.mark.promise("F3.1")
def test_the_distribution_named_reads_public_pictures_and_nothing_else(template: dict[str, Any]):
    assert re.fullmatch(template["Parameters"]["MediaReader"]["AllowedPattern"], DISTRIBUTION)
    allow = statements(template, MediaReader=DISTRIBUTION)[1]
    assert (allow["Effect"], allow["Principal"]) == ("Allow", {"Service": "cloudfront.amazonaws.com"})
    assert (allow["Action"], allow["Condition"]) == ("s3:GetObject", {"StringEquals": {"aws:SourceArn": DISTRIBUTION}})
    prefix = allow["Resource"].removeprefix("arn:aws-cn:s3:::media/").removesuffix("*")
    assert prefix == front.PUBLIC == f"{rules.PUBLIC}_"
    folder = new_id(rules.PUBLIC)
    assert all(key.startswith(prefix) for key in rules.picture_keys(folder))
    assert not any(key.startswith(prefix) for key in rules.held_keys(folder))
