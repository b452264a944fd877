"""All pages of lectures as one: their routes, and what ends with the server."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.screens.assistant import Assistant
from bot.screens.members_pages import MembersPages
from bot.screens.pages import Pages
from bot.screens.projector import Projector


@dataclass(frozen=True, slots=True)
class Screens:
    """The pages for halls, staff, members and the public."""

    pages: Pages
    projector: Projector
    assistant: Assistant
    members: MembersPages

    def add_to(self, server: web.Application) -> None:
        """Adds the routes; the streams end when the server is about to stop."""
        server.add_routes(self._routes())
        server.on_shutdown.append(self.projector.close)

    def _routes(self) -> Iterable[web.RouteDef]:
        for part in (self.pages, self.projector, self.assistant, self.members):
            yield from part.routes()
