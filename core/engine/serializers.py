"""Ways to turn a value into bytes and back, for results that are stored (core.md §9.6).

Importing this module is cheap: what a serializer needs is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CompressedSerializer",
    "DateTimeSerializer",
    "JSONSerializer",
    "PandasSerializer",
    "PickleSerializer",
    "Serializer",
]


class Serializer:
    """The base of all serializers; two of the same type are equal."""

    def serialize(self, value: Any) -> bytes:
        """Return the value as bytes.

        Raises:
            NotImplementedError: Always, on the base class.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to serialize. Define its serialize(value).")

    def deserialize(self, value: bytes) -> Any:
        """Return the value that :meth:`serialize` turned into these bytes.

        Raises:
            NotImplementedError: Always, on the base class.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say how to deserialize. Define its deserialize(value)."
        )

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]  # subclasses hold settings that may change


class PickleSerializer(Serializer):
    """Any Python value, as a pickle written by ``cloudpickle``."""

    def serialize(self, value: Any) -> bytes:
        """Return the value as a pickle.

        Raises:
            TypeError: The value cannot be pickled (``pickle.PicklingError`` for some).
        """
        import cloudpickle

        pickled: bytes = cloudpickle.dumps(value)
        return pickled

    def deserialize(self, value: bytes) -> Any:
        """Return the value of a pickle, plain or wrapped in base64.

        Raises:
            pickle.UnpicklingError: The bytes are no pickle (``EOFError`` if there are none).
        """
        import base64
        import pickle

        try:
            return pickle.loads(value)
        except Exception as error:  # a pickle may raise anything
            try:
                return pickle.loads(base64.b64decode(value.strip(), validate=True))
            except Exception:
                raise error from None


class JSONSerializer(Serializer):
    """JSON text."""

    def serialize(self, value: Any) -> bytes:
        """Return the value as JSON in UTF-8.

        Raises:
            TypeError: The value, or one inside it, has no JSON form.
        """
        import json

        return json.dumps(value).encode()

    def deserialize(self, value: bytes) -> Any:
        """Return the value of a JSON text.

        Raises:
            ValueError: The bytes are no JSON.
        """
        import json

        return json.loads(value)


class DateTimeSerializer(Serializer):
    """A point in time, as ISO-8601 text such as ``2020-01-01T00:00:00Z``."""

    def serialize(self, value: Any) -> bytes:
        """Return a datetime as ISO-8601 text; one without a time zone counts as UTC.

        Raises:
            ValueError: The value is no datetime.
        """
        from datetime import datetime

        import pendulum

        if not isinstance(value, datetime):
            raise ValueError(f"A DateTimeSerializer takes a datetime, not {value!r}. Use another serializer for it.")
        return pendulum.instance(value).to_iso8601_string().encode()

    def deserialize(self, value: bytes) -> Any:
        """Return the ``pendulum`` datetime of an ISO-8601 text, in UTC unless it says otherwise.

        Raises:
            ValueError: The text is no point in time.
        """
        import pendulum

        from prefect.engine.moment import DateTime

        text = value.decode()
        try:
            found = pendulum.parse(text)
        except ValueError as error:
            raise _no_moment(text) from error
        if not isinstance(found, pendulum.DateTime):  # but a duration, or an interval
            raise _no_moment(text)
        return DateTime.instance(found)


class PandasSerializer(Serializer):
    """A pandas table, through ``DataFrame.to_<file_type>`` and ``pandas.read_<file_type>``.

    Args:
        file_type: One of pandas' file types, such as ``csv``, ``json`` or ``parquet``.
        deserialize_kwargs: Keywords for ``pandas.read_<file_type>``.
        serialize_kwargs: Keywords for ``DataFrame.to_<file_type>``.

    Raises:
        ImportError: pandas is not installed.
        ValueError: pandas cannot both write and read this file type.
    """

    def __init__(
        self,
        file_type: str,
        deserialize_kwargs: dict[str, Any] | None = None,
        serialize_kwargs: dict[str, Any] | None = None,
    ) -> None:
        pandas = _import_pandas()
        if not (hasattr(pandas.DataFrame, f"to_{file_type}") and hasattr(pandas, f"read_{file_type}")):
            raise ValueError(
                f"pandas cannot both write and read the file type {file_type!r}."
                " Use one that has DataFrame.to_<type> and pandas.read_<type>, such as 'csv' or 'parquet'."
            )
        self.file_type = file_type
        self.deserialize_kwargs = deserialize_kwargs or {}
        self.serialize_kwargs = serialize_kwargs or {}

    def serialize(self, value: Any) -> bytes:
        """Return a pandas DataFrame or Series as the content of a file."""
        import io

        write = getattr(value, f"to_{self.file_type}")
        binary = io.BytesIO()
        try:
            write(binary, **self.serialize_kwargs)
            return binary.getvalue()
        except TypeError:  # some file types are text
            text = io.StringIO()
            write(text, **self.serialize_kwargs)
            return text.getvalue().encode()

    def deserialize(self, value: bytes) -> Any:
        """Return what pandas reads from the content of a file."""
        import io

        read = getattr(_import_pandas(), f"read_{self.file_type}")
        try:
            return read(io.BytesIO(value), **self.deserialize_kwargs)
        except TypeError:  # some file types are text
            return read(io.StringIO(value.decode()), **self.deserialize_kwargs)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None


class CompressedSerializer(Serializer):
    """Another serializer's bytes, compressed.

    Args:
        serializer: Makes the bytes that are compressed.
        format: Name of a module with ``compress`` and ``decompress``: ``bz2``, ``gzip``, ``lzma``, ``zlib`` or another.
        compress: Instead of ``format``, the function that compresses bytes.
        decompress: Its reverse.
        compress_kwargs: Keywords for the compressing function.
        decompress_kwargs: Keywords for the decompressing function.

    Raises:
        ValueError: Both ways or neither of them are given, or the module lacks a function.
        ImportError: There is no module of that name.
    """

    def __init__(
        self,
        serializer: Serializer,
        format: str | None = None,
        compress: Callable[..., bytes] | None = None,
        decompress: Callable[..., bytes] | None = None,
        compress_kwargs: dict[str, Any] | None = None,
        decompress_kwargs: dict[str, Any] | None = None,
    ) -> None:
        if format:
            if compress or decompress:
                raise ValueError(
                    "CompressedSerializer got both `format` and `compress`/`decompress`. Give one of the two."
                )
            compress, decompress = _compression_functions(format)
        if not (compress and decompress):
            raise ValueError("CompressedSerializer needs `format`, or both `compress` and `decompress`.")
        self._serializer = serializer
        self._compress = compress
        self._decompress = decompress
        self._compress_kwargs = compress_kwargs or {}
        self._decompress_kwargs = decompress_kwargs or {}

    def serialize(self, value: Any) -> bytes:
        """Return the value as compressed bytes."""
        return self._compress(self._serializer.serialize(value), **self._compress_kwargs)

    def deserialize(self, value: bytes) -> Any:
        """Return the value of compressed bytes."""
        return self._serializer.deserialize(self._decompress(value, **self._decompress_kwargs))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None


#: What a result uses when it is given no serializer.
DEFAULT_SERIALIZER = PickleSerializer()


def _no_moment(text: str) -> ValueError:
    return ValueError(f"A DateTimeSerializer cannot read {text!r}. It has to be a moment like 2020-01-01T00:00:00Z.")


def _import_pandas() -> Any:
    from importlib import import_module

    try:
        return import_module("pandas")
    except ImportError as error:
        raise ImportError("PandasSerializer needs pandas, which is not installed. Run: pip install pandas") from error


def _compression_functions(format: str) -> tuple[Callable[..., bytes], Callable[..., bytes]]:
    from importlib import import_module

    try:
        module = import_module(format)
    except ImportError as error:
        raise ImportError(
            f"There is no compression module {format!r}. Use one of bz2, gzip, lzma, zlib, or install it."
        ) from error
    if not (hasattr(module, "compress") and hasattr(module, "decompress")):
        raise ValueError(
            f"The module {format!r} has no `compress` and `decompress`."
            " Use one of bz2, gzip, lzma, zlib, or give the two functions."
        )
    return module.compress, module.decompress
