"""Newcomers who come through the market: wishes, messages, meters, bills."""
