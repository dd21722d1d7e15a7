"""The lists that posts and comments stand in: everyone's, their author's page, and their author's own."""

from typing import Any

from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from ...foundation.store.attributes import Instant, Text
from ...foundation.store.declare import INDEX


class Visible(GlobalSecondaryIndex[Any]):
    """What everyone may see, newest last."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "visible"
        projection = AllProjection()

    visible_key = Text(INDEX, hash_key=True)
    visible_at = Instant(INDEX, range_key=True)


class Shown(GlobalSecondaryIndex[Any]):
    """What everyone may see of one author, posts and comments apart, newest last."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "shown"
        projection = IncludeProjection(["post_id"])

    person_id = Text(INDEX, hash_key=True)
    shown_as = Text(INDEX, range_key=True)


class Written(GlobalSecondaryIndex[Any]):
    """All that one author wrote, whatever its state, newest last."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "written"
        projection = KeysOnlyProjection()

    person_id = Text(INDEX, hash_key=True)
    written_at = Instant(INDEX, range_key=True)
