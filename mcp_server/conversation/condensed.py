"""`detail=condensed`: every message of the window is covered: whole, shortened, or left out under a mark."""

from mcp_server.conversation.compose import LEVELS, Composer
from mcp_server.conversation.layout import Item, Shown
from mcp_server.conversation.models import Reading
from mcp_server.conversation.transcript import Gap
from mcp_server.conversation.verbatim import first_items, fits_whole, line_sizes, verbatim


def condensed(composer: Composer) -> Reading:
    """The whole window when it fits; else its newest messages whole, the first one, and a mark for those between.

    Raises InvalidArguments where not even a piece of one message fits.
    """
    if composer.window.offset or len(composer.placed) < 2:
        return verbatim(composer)
    return fits_whole(composer) or _newest_and_opening(composer) or verbatim(composer)


def _newest_and_opening(composer: Composer) -> Reading | None:
    count = len(composer.placed)
    sizes = line_sizes(composer)
    for level in LEVELS:
        for kept in range(min(len(sizes), count - 1), 0, -1):
            for with_opening in (True, False):
                items: list[Item] = [*first_items(composer, kept)]
                left = count - kept - with_opening
                if left:
                    items.insert(0, _gap(composer, kept, kept + left))
                if with_opening:
                    items.insert(0, Shown(composer.placed[-1], composer.placed[-1].text))
                if reading := composer.answer(items, covered=count, level=level):
                    return reading
    return None


def _gap(composer: Composer, start: int, end: int) -> Gap:
    days = [placed.day for placed in composer.placed[start:end] if placed.day is not None]
    at = None if composer.window_cursor is None else start
    return Gap(end - start, min(days, default=None), max(days, default=None), at)
