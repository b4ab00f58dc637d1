"""Notices of commits: who in this process listens to a topic, and who carries them elsewhere.

A notice only wakes: whoever listens looks at the store itself, and looks now and then all the same.
"""

from collections.abc import Callable, Sequence

Notice = tuple[str, str]
"""A topic and what it is about, "" where the topic says enough."""

Listener = Callable[[str, str], None]
Send = Callable[[Sequence[Notice]], None]


class Notices:
    """The listeners of one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}
        self._send: Send | None = None
        self._carried: Callable[[], bool] = lambda: False
        self._renew: Callable[[], None] = lambda: None

    @property
    def topics(self) -> list[str]:
        """The topics that are listened to."""
        return list(self._listeners)

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        self._listeners.setdefault(topic, []).append(listener)

    @property
    def carried(self) -> bool:
        """Whether somebody carries what is committed now to other processes."""
        return self._carried()

    def relay(self, send: Send, carried: Callable[[], bool]) -> None:
        """Call `send` with the notices of what this process commits; it returns at once.

        `carried` says whether that brings them to others now.
        """
        self._send, self._carried = send, carried

    def first(self, renew: Callable[[], None]) -> None:
        """Call `renew` before the listeners: what they read then is what they are told of."""
        self._renew = renew

    def tell(self, notices: Sequence[Notice]) -> None:
        """Call the listeners of this process."""
        self._renew()
        for topic, payload in notices:
            for listener in self._listeners.get(topic, ()):
                listener(topic, payload)

    def committed(self, notices: Sequence[Notice]) -> None:
        """Tell of a commit of this process, here and wherever its notices are carried."""
        self.tell(notices)
        if self._send is not None:
            self._send(notices)
