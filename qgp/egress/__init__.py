"""Requests to addresses that users enter: public destinations only, without redirects."""
