"""The two ways s2s fails on purpose; the command line turns each into one sentence and an exit status."""


class RequestError(Exception):
    """The request was wrong: a bad option, file or value. One sentence: what, where, what to do. Exit status 2."""

    status = 2


class WorkError(Exception):
    """The request was fine but the work failed: a full disk, a diverging loss. Exit status 1."""

    status = 1
