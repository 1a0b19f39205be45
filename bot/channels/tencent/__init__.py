"""What WeChat's official accounts and WeCom have in common: envelopes, passive answers, texts, their web service."""
