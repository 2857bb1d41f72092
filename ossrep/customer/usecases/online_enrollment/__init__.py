"""A person enrolls by a portal: start, answer, submit, give up."""
