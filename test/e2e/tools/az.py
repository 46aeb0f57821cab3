"""azure-cli as it is, up to the call of Azure: prints what the command would work with, in place of doing it."""

import json
import sys

from azure.cli.core import get_default_cli
from azure.cli.core.commands import AzCliCommandInvoker


def plain(value):
    """The text, list or JSON of an argument; None where it has none, or is the CLI's own."""
    operations = getattr(value, "_ops", None)
    if operations is not None:
        value = operations[-1][1]
    return value if isinstance(value, (str, list, dict)) else None


def show(_self, jobs, _ids):
    arguments = {
        name: plain(value) for name, value in vars(jobs[0][0]).items() if not name.startswith("_") and plain(value) is not None
    }
    print(json.dumps(arguments))
    sys.exit(0)


AzCliCommandInvoker._run_jobs_serially = show
AzCliCommandInvoker._run_jobs_concurrently = show
sys.exit(get_default_cli().invoke(sys.argv[1:]))
