"""What results have in common whose store is out of reach of this version."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from prefect.engine.result.base import Result
from prefect.engine.templates import filled_in


class LaterResult(Result):
    """A result that says where values are to be stored, of which this version does not know how to get there.

    It can be made, copied, compared, formatted, pickled and described like any other, so that flow files load.

    Source:
        core.md §9.2.
    """

    #: Extra of a later version that will bring what this class cannot do yet.
    _extra: ClassVar[str]

    def write(self, value_: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            NotImplementedError: Always; unlike the error of a plain result, the engine does not pass over it.
            KeyError: The location uses a name that is not given.
        """
        self._come_later("write", self.format(**kwargs).location)

    def read(self, location: str) -> NoReturn:
        """Refuse.

        Raises:
            NotImplementedError: Always.
        """
        self._come_later("read", location)

    def exists(self, location: str, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            NotImplementedError: Always.
            KeyError: The location uses a name that is not given.
        """
        self._come_later("look for", filled_in(location, kwargs, "location"))

    def _come_later(self, verb: str, location: str | None) -> NoReturn:
        name = type(self).__name__
        raise NotImplementedError(
            f'{name} cannot {verb} {location!r}, since it comes in a later version, with the extra "praefectus[{self._extra}]".'
            " Use LocalResult instead, with a `dir` that all machines of the flow share."
        )
