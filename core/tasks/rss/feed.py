"""``ParseRSSFeed``: feeds in RSS and Atom.

Source: core.md §21.9.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import TYPE_CHECKING, Any

from prefect.task import Task
from prefect.utilities._extras import import_extra
from prefect.utilities.tasks import defaults_from_attrs

if TYPE_CHECKING:
    import feedparser


class ParseRSSFeed(Task):
    """Fetches and parses a feed.

    Args:
        feed_url: Web address of the feed, path of a file, or the feed itself as text; may be given to ``run`` instead.
        **kwargs: Arguments of ``Task``.

    Source:
        core.md §21.9.
    """

    def __init__(self, feed_url: str | None = None, **kwargs: Any) -> None:
        self.feed_url = feed_url
        super().__init__(**kwargs)

    @defaults_from_attrs("feed_url")
    def run(self, feed_url: str = None) -> "feedparser.FeedParserDict":  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the feed, with what feedparser makes of it: ``feed`` tells about it, ``entries`` are its entries.

        One that cannot be fetched or understood is no error, as in 1.x: then ``bozo`` is true, ``bozo_exception`` says
        why, and the entries are those that were found, if any.

        Args:
            feed_url: In place of that of the task.

        Raises:
            ImportError: The ``rss`` extra is not installed.
            ValueError: There is no address.
        """
        if not feed_url:
            raise ValueError("ParseRSSFeed has no feed to parse. Give `feed_url` to ParseRSSFeed(…) or to its run(…).")
        return import_extra("feedparser", package="feedparser", extra="rss", purpose="ParseRSSFeed").parse(feed_url)
