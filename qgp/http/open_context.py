"""Type of the function that opens the context of an operation for the caller of a request."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.requests import Request

OpenContext = Callable[[Request], AbstractAsyncContextManager[object]]
