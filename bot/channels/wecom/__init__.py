"""WeCom (企业微信), for staff."""
