"""What the dispatch page shows at first; it fetches the queue itself, again and again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_service.maps.view import DeskView, Option


@dataclass(frozen=True)
class DispatchLinks:
    """Addresses on the service itself; the browser puts an issue's number in place of ``{id}``."""

    home: str = "/"
    handover: str = "/desk/handover"
    queue: str = "/api/v1/queue"
    news: str = "/api/v1/queue/news"
    acceptances: str = "/api/v1/queue/acceptances"
    decisions: str = "/api/v1/queue/decisions"
    steps: str = "/api/v1/queue/steps"
    events: str = "/api/v1/issues/{id}/events"
    owner: str = "/api/v1/issues/{id}/owner"
    place: str = "/api/v1/issues/{id}/place"
    locate: str = "/api/v1/locate"
    preview: str = "/api/v1/issues/import/preview"
    import_list: str = "/api/v1/issues/import"
    nearby: str = "/api/v1/issues/nearby"
    nearby_issue: str = "/api/v1/issues/{id}/nearby"
    places: str = "/api/v1/places"


@dataclass(frozen=True, eq=False, kw_only=True)
class DispatchView(DeskView):
    """All that the page holds before it asks for the queue.

    ``titles`` are the office's words by kind (``state``, ``step``, ``role``, ``tier``,
    ``condition``, ``deadline``, ``decision``) and name; ``role`` is who dispatches; ``views`` name
    the reasons why issues wait; the frames are those a pasted place may be in, the categories what
    is found near it may have, and the sources those that a list may come from.
    """

    titles: Mapping[str, Mapping[str, str]]
    role: str
    views: Sequence[str]
    frames: Sequence[Option]
    categories: Sequence[Option] = ()
    sources: Sequence[Option] = ()
    links: DispatchLinks = field(default_factory=DispatchLinks)
