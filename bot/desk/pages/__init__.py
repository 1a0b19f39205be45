"""The pages of incidents, duties, conversations and planned outages."""

from starlette.routing import Route

from bot.desk.pages import grades, handovers, incident, incidents, maps, merges, people, written

ROUTES: list[Route] = [
    *incidents.ROUTES, *incident.ROUTES, *grades.ROUTES, *people.ROUTES, *merges.ROUTES, *written.ROUTES,
    *handovers.ROUTES, *maps.ROUTES,
]  # fmt: skip
