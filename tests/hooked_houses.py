"""A house with webhooks: its clock, its receivers, and one process that delivers."""

from dataclasses import replace

from geo_service.governance.delivery.retry import RetryRules
from geo_service.governance.delivery.target import read_targets
from geo_service.services.webhooks.deliveries import DeliveryService
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.webhooks.subscriptions import WebhookAsked, WebhookService
from geo_service.storage import logged_events
from tests.houses import CALLER, Clock, center, open_house, publish_street

RETRY = RetryRules(5, 300, dead_after_s=72 * 3600, dead_after_tries=1000)
NAME = "上级平台"


def hook(folder, *receivers):
    """Open a house whose events these receivers may be told."""
    return Hooked(open_house(folder, clock=Clock()), *receivers)


class Hooked:
    """A house with a street, its webhooks, and one process that delivers."""

    def __init__(self, house, *receivers):
        self.house, self.clock = house, house.workspace.now_s
        publish_street(self.house)
        targets = read_targets(",".join(each.target for each in receivers))
        self.rules = DeliveryRules(targets, "urn:test", RETRY, timeout_s=5)
        self.hooks = WebhookService(self.house.workspace, self.rules)
        self.deliveries = self.another()

    def another(self, **changes):
        """Deliver from a second process, so to say."""
        return DeliveryService(self.house.workspace, replace(self.rules, **changes))

    def add(self, receiver, name=NAME, **wanted):
        return self.hooks.add(CALLER, WebhookAsked(name, receiver.url, **wanted))[1]

    def report(self, name, *, place=(0, 0), **cells):
        x, y = center(*place)
        row = {"source": "12345", "external_id": str(name), "reported_at": "2026-11-20 08:00"}
        row |= {"frame": "EPSG:4490", "x": x, "y": y, **cells}
        return self.house.issues.report(CALLER, row, is_updating=True)["id"]

    def log(self):
        """Every event of the database, oldest first."""
        with self.house.workspace.database.read() as connection:
            return logged_events.events_above(connection, 0, most=10_000)

    def view(self, name=NAME):
        return self.hooks.find(CALLER, name)

    def wait(self, seconds):
        """Let time pass, and deliver what is due then."""
        self.clock.now_s += seconds
        return self.deliveries.deliver_due()
