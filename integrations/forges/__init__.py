"""Signed webhooks of GitHub, GitLab, Gitea and Forgejo: pushes, builds and reviews as typed messages, and for whom.

Everything here is pure: headers, body, secret and time in; a `Delivery` or a refusal out. Who a login is on the hub,
and publishing, are not known here.

Whom an event is for: a push, who pushed it and who wrote its commits; a build, who caused it and who wrote the commit;
a review that is asked for, the reviewer; what a reviewer says, the author of the change; a merge or a close, the author
and the reviewers. Of reviews, nobody is told what they did themselves.
"""

from integrations.forges.delivery import Delivery, Event, Forged, Malformed, Person, Unsigned
from integrations.forges.readers import READERS, read

__all__ = ["READERS", "Delivery", "Event", "Forged", "Malformed", "Person", "Unsigned", "read"]
