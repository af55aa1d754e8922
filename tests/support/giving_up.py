"""Calls that are cancelled once they wait, however long they take until then."""

from collections.abc import Callable, Coroutine

import anyio


async def give_up(call: Callable[[], Coroutine[object, object, object]]) -> None:
    """Start `call`, and cancel it when it and everything it has started wait for something that does not happen."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
