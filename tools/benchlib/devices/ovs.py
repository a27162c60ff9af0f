# SPDX-License-Identifier: BSD-3-Clause
"""Open vSwitch with DPDK: a gateway that everybody can install, for GRE and plain forwarding.

Both its daemons are our own, in a directory and a network namespace of their own: the system's are
not touched. Routes and tunnels are OpenFlow rules; the tunnel port takes its remote from them.

    inside --- bridge `lan` --- gre0 ...(tunnel)... bridge `wan` --- outside
"""
import os
from pathlib import Path

from .. import case as plan
from ..errors import BenchError
from ..workspace import run, tool
from . import Contestant, Running

PACKAGE = "openvswitch-switch-dpdk"
DAEMON = Path("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk")
SCHEMA = Path("/usr/share/openvswitch/vswitch.ovsschema")


def rules_inside(case):
    """OpenFlow rules of `lan`: which way a packet goes."""
    address = "ipv6,ipv6_dst" if case.inner == 6 else "ip,nw_dst"
    remotes = list(case.remotes())
    out = "inside" if case.decapsulates else "outside"
    for number, prefix in enumerate(case.routes_to()):
        if case.encapsulates:
            key = f",set_field:{plan.KEY}->tun_id" if case.key else ""
            action = f"set_field:{remotes[number % case.tunnels]}->tun_dst{key},output:gre0"
        else:
            action = (f"set_field:{plan.OUT_MAC}->eth_src,set_field:{plan.SINK_MAC}->eth_dst,"
                      f"output:{out}")
        yield f"table=1,{address}={prefix},actions=dec_ttl,{action}"
    if case.decapsulates:
        key = f"tun_id={plan.KEY}," if case.key else ""
        for remote in remotes:
            yield f"table=0,in_port=gre0,{key}tun_src={remote},actions=resubmit(,1)"
    else:
        yield "table=0,actions=resubmit(,1)"


class Switch:
    """The two daemons, and the commands that talk to them."""

    def __init__(self, scope, ports, options, mtu):
        self.options, self.queues, self.mtu = options, ports.queues, mtu
        self.directory = scope.workspace.file("ovs")
        self.directory.mkdir()
        self.prefix = ports.prefix
        self.runtime = scope.runtime_directory(self.prefix)
        self.namespace = ports.namespace or self._make_namespace(scope)
        self.said = []
        self._database = f"unix:{self.directory}/db.sock"
        run([tool("ovsdb-tool", PACKAGE), "create", self.directory / "conf.db", SCHEMA])
        server = scope.start([tool("ovsdb-server", PACKAGE), self.directory / "conf.db",
                              f"--remote=p{self._database}",
                              f"--unixctl={self.directory}/db.ctl"], env=self._environment())
        server.await_(lambda: (self.directory / "db.sock").exists(), "its socket")
        self._settings()
        self.process = scope.start(["ip", "netns", "exec", self.namespace, DAEMON, self._database,
                                    f"--unixctl={self.directory}/switch.ctl"],
                                   env=self._environment())
        self.process.await_(lambda: "DPDK Enabled - initialized" in self.process.log.read_text(),
                            "DPDK")

    def _environment(self):
        return {**os.environ, **{f"OVS_{name}DIR": str(self.directory)
                                 for name in ("RUN", "LOG", "DB", "SYSCONF")}}

    def _make_namespace(self, scope):
        """`wan` is a kernel interface, too, with the tunnels' local address."""
        name = scope.workspace.name("bench")
        run(["ip", "netns", "add", name])
        scope.stack.callback(run, ["ip", "netns", "del", name])
        run(["ip", "netns", "exec", name, "sh", "-c",
             "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"])
        return name

    def _settings(self):
        options = self.options
        cpus = options.pmd_cpus or sorted(os.sched_getaffinity(0))[-options.workers:]
        mask = sum(1 << cpu for cpu in cpus)
        self.configure("--no-wait", "init")
        self.configure("--no-wait", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                       f"other_config:pmd-cpu-mask={mask:#x}",
                       "other_config:dpdk-socket-mem=384",
                       f"other_config:dpdk-extra=\"--file-prefix={self.prefix} -a 0000:00:00.0\"")

    def configure(self, *words):
        self.said.append(" ".join(["ovs-vsctl", *map(str, words)]))
        return run([tool("ovs-vsctl", PACKAGE), f"--db={self._database}", "--timeout=30", *words])

    def control(self, *words):
        self.said.append(" ".join(["ovs-appctl", *map(str, words)]))
        return run([tool("ovs-appctl", PACKAGE), "-t", self.directory / "switch.ctl", *words])

    def rules(self, bridge, rules):
        """Replaces all rules of a bridge."""
        rules = list(rules)
        self.said += [f"ovs-ofctl add-flow {bridge} {rule}" for rule in rules]
        address = f"unix:{self.directory}/{bridge}.mgmt"
        program = [tool("ovs-ofctl", PACKAGE), "-O", "OpenFlow15"]
        run([*program, "del-flows", address])
        file = self.directory / f"{bridge}.rules"
        file.write_text("".join(f"{rule}\n" for rule in rules))
        run([*program, "add-flows", address, file], timeout=300)

    def bridge(self, name, mac):
        self.configure("add-br", name, "--", "set", "bridge", name, "datapath_type=netdev",
                       f"other_config:hwaddr=\"{mac}\"")

    def port(self, bridge, name, device):
        mtu = [f"mtu_request={self.mtu}"] if self.mtu > 1500 else []  # not all drivers know it
        self.configure("add-port", bridge, name, "--", "set", "interface", name, "type=dpdk",
                       f"options:dpdk-devargs=\"{device}\"",
                       f"options:n_rxq={self.queues}", *mtu)

    def tunnel(self, case):
        options = ["options:remote_ip=flow", "options:packet_type=legacy_l3"]
        options += ["options:key=flow"] if case.key else []
        options += ["options:csum=true"] if case.csum else []
        self.configure("add-port", "lan", "gre0", "--", "set", "interface", "gre0", "type=gre",
                       *options)
        run(["ip", "-n", self.namespace, "addr", "add", f"{plan.LOCAL}/24", "dev", "wan"])
        run(["ip", "-n", self.namespace, "link", "set", "wan", "up"])
        self.control("ovs/route/add", plan.REMOTES, "wan", plan.UNDERLAY)
        self.control("tnl/neigh/set", "wan", plan.UNDERLAY, plan.SINK_MAC)


class RunningSwitch(Running):
    worker_names = ("pmd-",)

    def __init__(self, switch, devices):
        super().__init__(switch.process, switch.runtime, devices)
        self.configuration = switch.said
        self._switch = switch

    def stop(self):
        self._switch.control("exit")
        self.process.wait(20)
        return super().stop()


class OpenVSwitch(Contestant):
    label = "ovs"
    loses_at_start = True            # ports forward before misses can be answered
    outer_ttl = 64

    def __init__(self, options):
        self.options = options

    def refuses(self, case):
        if case.mode not in (None, "gre"):
            return f"Open vSwitch has no {case.mode}"
        if self.options.ports == "memif":
            # One for each worker and one more; the generator has one, and the others lead nowhere.
            return "Open vSwitch sends by more queues than the generator's end of a memif has"
        if self.options.ports == "ring":
            return "Open vSwitch keeps what it knows of a packet where only its own buffers have room"
        return None

    def version(self):
        if not DAEMON.exists():
            raise BenchError(f"Open vSwitch with DPDK is not installed: it is Debian's package "
                             f"{PACKAGE} (tools/install-deps --bench-ovs installs it)")
        return run([DAEMON, "--version"]).splitlines()[0]

    def expected(self, case):
        return "gateway"

    def start(self, scope, ports, case):
        self.version()
        if self.options.no_huge:
            raise BenchError("Open vSwitch with DPDK needs hugepages")
        devices = [ports.device(0), ports.device(1)]
        switch = Switch(scope, ports, self.options, case.outside_mtu)
        inside, outside = reversed(devices) if case.decapsulates else devices
        switch.bridge("lan", plan.OUT_MAC)
        if not case.mode:
            switch.port("lan", "outside", outside)
            switch.rules("lan", rules_inside(case))
            switch.port("lan", "inside", inside)
        else:
            self._tunnel(switch, case, inside, outside)
        return RunningSwitch(switch, devices)

    @staticmethod
    def _tunnel(switch, case, inside, outside):
        switch.bridge("wan", plan.IN_MAC if case.decapsulates else plan.OUT_MAC)
        switch.tunnel(case)
        late, early = (("wan", "outside", outside), ("lan", "inside", inside))
        if case.encapsulates:
            late, early = early, late
        switch.port(*early)
        switch.rules("lan", rules_inside(case))
        switch.rules("wan", ["in_port=LOCAL,actions=output:1", "in_port=1,actions=LOCAL"])
        switch.port(*late)


def variants():
    return {"ovs": ("Open vSwitch with DPDK: plain forwarding and GRE",
                    lambda options: [OpenVSwitch(options)])}
