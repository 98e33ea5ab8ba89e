"""The commands of the program, one module each, imported only when asked for.

Each module has HELP (what it does), EXAMPLE (a line a user can copy), add_arguments(parser), and
run(args), which returns the exit code.
"""


class CommandError(Exception):
    """A command cannot go on. str() is one sentence for the user."""


class UsageError(CommandError):
    """The command line asks for something that cannot be. str() is one sentence for the user."""
