"""OSSREP: the open platform a retail electric provider runs on."""
