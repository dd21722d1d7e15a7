"""Orders, their payment by WeChat Pay, refund and delivery."""
