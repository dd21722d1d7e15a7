"""A post removed before its pictures were looked at takes the originals along, which lie in quarantine still."""

import msgspec

from chalicelib.community.contracts import WritePost
from chalicelib.community.service import publishing
from chalicelib.foundation.kernel.ids import new_id
from tests.support.photographs import jpeg, scene
from tests.support.publishing import Town


def test_an_original_goes_with_the_post_that_was_waiting_for_it(town: Town):
    who = town.author()
    media_id = town.upload(who, jpeg(picture=scene((96, 64))))
    given = msgspec.convert({"text": "完成了", "affirmed_others": True, "media_ids": [media_id]}, WritePost)
    call = who.call(idempotency_key=new_id("key"), purpose="community.publish")
    publishing.remove_post(who.call(), publishing.write_post(call, given).post_id)
    assert town.objects("quarantine")
    assert town.pump("community") == []
    assert town.objects("quarantine") == set()
