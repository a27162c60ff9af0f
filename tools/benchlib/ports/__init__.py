# SPDX-License-Identifier: BSD-3-Clause
"""What a device under test receives from (port 0) and sends to (port 1). A kind of ports is a file
here with a class `Kind`:

    about                     a line for --help
    generated                 whether the generator sends and receives at the other ends
    Kind(scope, options, file)   made ready; undone with the scope. `file` is a pcap with the frames
                              for those ports that repeat a file (not `generated`), else None
    check(options)            an error where options are missing
    device(number)            the device under test's port, as DPDK device arguments
    generator()               (device it sends by, device it receives by)
    prefix                    EAL's --file-prefix of the device under test
    generator_joins           whether the generator is a secondary process of that
    namespace                 the network namespace that the device under test runs in, or None
    queues                    receive queues of each port; devices have a worker for each, or more
    outlives_peer             whether a device survives that the generator goes away
    eal                       further EAL arguments of the device under test
    generator_namespace, generator_eal   the same of the generator
"""
import importlib
import pkgutil

from ..errors import BenchError


class Ports:
    generated = True
    generator_joins = False
    outlives_peer = True
    queues = 1
    namespace = generator_namespace = None
    eal = generator_eal = ()

    def __init__(self, scope, options, file=None):
        self.scope, self.options, self.file = scope, options, file
        self.prefix = scope.workspace.name("bench")
        self.set_up()

    @classmethod
    def check(cls, options):
        """An error where options are missing, before anything is measured."""

    def set_up(self):
        pass

    def device(self, number):
        raise NotImplementedError

    def generator(self):
        raise NotImplementedError


def kinds():
    """{name: class}; files whose names begin with _ are parts of others."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            kind = importlib.import_module(f"{__name__}.{module.name}").Kind
            found[module.name.replace("_", "-")] = kind
    return found


def kind_of(name):
    try:
        return kinds()[name]
    except KeyError:
        raise BenchError(f"there are no ports \"{name}\"; there are {', '.join(kinds())}") from None
