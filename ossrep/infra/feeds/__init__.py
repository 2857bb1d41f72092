"""Changes since: lists of changed rows from which no reader can miss one."""
