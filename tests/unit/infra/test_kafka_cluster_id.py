from __future__ import annotations

import uuid

from deploy.kafka.node import cluster_id

DASH_FIRST = uuid.UUID(bytes=b"\xf8" + bytes(15))


class TestClusterId:
    def test_never_begins_like_an_option(self) -> None:
        assert cluster_id(DASH_FIRST) == "A" + "A" * 21

    def test_is_the_encoded_uuid_otherwise(self) -> None:
        assert cluster_id(uuid.UUID(int=1)) == "AAAAAAAAAAAAAAAAAAAAAQ"
