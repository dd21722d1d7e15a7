"""The order of the steps."""

import traceback

from . import (
    account,
    bindings,
    entering,
    frozen,
    guarding,
    helping,
    merging,
    outward,
    profile,
    proof,
    publishing,
    recovering,
    rights,
    showing,
    trade,
    verified,
    website,
)
from .life import Life, Step, Story
from .world import World

STEPS: tuple[Step, ...] = (
    account.browse_as_guest,
    account.sign_up,
    account.hold_sessions,
    website.visit_website,
    entering.lock_out_others,
    recovering.lose_phone,
    account.fill_in_profile,
    bindings.bind_and_unbind,
    bindings.come_by_apple,
    bindings.sign_up_by_wechat,
    profile.show_oneself,
    profile.leave_email,
    outward.link_elsewhere,
    verified.be_verified,
    verified.show_face_and_withdraw,
    merging.merge_accounts,
    trade.place_order,
    trade.pay_order,
    trade.ship_and_receive,
    publishing.publish_post,
    publishing.comment_on_post,
    helping.ask_customer_service,
    showing.show_page,
    guarding.guard_child,
    frozen.serve_frozen,
    rights.fetch_copy,
    trade.leave_order_unpaid,
    proof.look_before,
    rights.cancel_account,
    rights.check_certificate,
    proof.prove_erasure,
)


def play(world: World) -> Story:
    """Play every step in order, up to the first that is not what it should be."""
    story = Story(Life(world))
    for step in STEPS:
        try:
            story.play(step)
        except Exception:  # noqa: BLE001 - told, and the story ends
            traceback.print_exc(limit=4)
            break
    return story
