"""The only rooms that talk to the outside: queue, objects, sms, moderation, wechat, wechatpay, apple."""
