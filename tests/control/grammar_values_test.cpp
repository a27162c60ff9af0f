// SPDX-License-Identifier: BSD-3-Clause
// What the grammar makes of a line that it accepts.
#include <gtest/gtest.h>

#include "grammar_support.hpp"

namespace culvert {
namespace {

TEST(Grammar, LinkAdd) {
  const auto add = body_of<LinkAdd>("link add p0 type port device net_af_packet0,iface=eth0");
  EXPECT_EQ(add.name, "p0");
  EXPECT_EQ(add.device, "net_af_packet0,iface=eth0");
  EXPECT_EQ(body_of<LinkAdd>("l a name p0 type port 'device' 0000:01:00.0").device, "0000:01:00.0");
  EXPECT_EQ(refusal("link add p0 type dummy"),
            std::pair(std::string{"Error: Unknown device type."}, 2));
  EXPECT_EQ(refusal("link add p0 type port").second, 255);
  EXPECT_EQ(refusal("link add p0 type port device").second, 255);
  EXPECT_EQ(refusal("link add type port device x").second, 255);
  EXPECT_EQ(
      refusal("link add p0 type port device x y"),
      std::pair(std::string{"Garbage instead of arguments \"y ...\". Try \"ip link help\"."}, 1));
}

TEST(Grammar, LinkSet) {
  const auto set =
      body_of<LinkSet>("link set mtu 0x5dc dev p0 address 2:0:0:0:0:a up proxy_arp on");
  EXPECT_EQ(set.name, "p0");
  EXPECT_EQ(set.mtu, 1500U);
  EXPECT_EQ(set.address, parse_mac("02:00:00:00:00:0a"));
  EXPECT_EQ(set.up, true);
  EXPECT_EQ(set.proxy_arp, true);
  EXPECT_EQ(body_of<LinkSet>("l s p0 down").up, false);
  EXPECT_EQ(refusal("link set p0 proxy_arp maybe"),
            std::pair(std::string{"Error: argument of \"proxy_arp\" must be \"on\" or \"off\", not "
                                  "\"maybe\""},
                      1));
}

TEST(Grammar, LinkShow) {
  EXPECT_EQ(body_of<LinkShow>("link").name, std::nullopt);
  EXPECT_EQ(body_of<LinkShow>("link show up dev p0").name, "p0");
  EXPECT_TRUE(body_of<LinkShow>("l l p0 up").up_only);
  EXPECT_EQ(body_of<LinkDel>("link d p0").name, "p0");
}

TEST(Grammar, TunnelModes) {
  const auto mode = [](std::string_view line) { return *body_of<TunnelAdd>(line).spec.mode; };
  for (const char* const name : {"ipip", "ip/ip", "ipv4/ipv4"}) {
    EXPECT_EQ(mode("tunnel add x mode " + std::string{name}), TunnelMode::ipip);
  }
  EXPECT_EQ(mode("tunnel add x mode gre"), TunnelMode::gre);
  EXPECT_EQ(mode("tun add x mode gre/ip"), TunnelMode::gre);
  EXPECT_EQ(mode("tunl a x mode sit"), TunnelMode::sit);
  EXPECT_EQ(mode("tunnel add x mode ipv6/ip"), TunnelMode::sit);
  EXPECT_EQ(mode("tunnel add ipip7"), TunnelMode::ipip);
  EXPECT_EQ(mode("tunnel add gre7"), TunnelMode::gre);
  EXPECT_EQ(mode("tunnel add sit7"), TunnelMode::sit);
}

TEST(Grammar, TunnelOptions) {
  const auto spec = body_of<TunnelAdd>(
                        "tunnel add tunl0 mode ipip remote 172.16.232.194 local 172.16.232.172 "
                        "ttl 64 tos inherit/28 dev p0 pmtudisc")
                        .spec;
  EXPECT_EQ(spec.name, "tunl0");
  EXPECT_EQ(spec.remote, parse_ipv4("172.16.232.194"));
  EXPECT_EQ(spec.local, parse_ipv4("172.16.232.172"));
  EXPECT_EQ(spec.ttl, 64);
  EXPECT_EQ(spec.tos, 0x29);
  EXPECT_EQ(spec.dev, "p0");
  EXPECT_EQ(spec.pmtudisc, true);
  const auto bare = body_of<TunnelAdd>("tunnel add tunl0 mode ipip").spec;
  EXPECT_FALSE(bare.remote || bare.local || bare.ttl || bare.tos || bare.pmtudisc || bare.dev ||
               bare.input_key || bare.output_key);
  const auto tos = [](std::string_view value) {
    return *body_of<TunnelAdd>("tunnel add x mode gre tos " + std::string{value}).spec.tos;
  };
  EXPECT_EQ(tos("10"), 0x10);
  EXPECT_EQ(tos("0xb8"), 0xb8);
  EXPECT_EQ(tos("AF11"), 0x28);
  EXPECT_EQ(tos("inherit"), 1);
  EXPECT_EQ(tos("inherit/EF"), 0xb9);
  EXPECT_EQ(body_of<TunnelAdd>("tunnel add x mode gre ttl inherit remote any").spec.ttl, 0);
}

TEST(Grammar, TunnelKeys) {
  const auto spec = [](std::string_view options) {
    return body_of<TunnelAdd>("tunnel add x mode gre " + std::string{options}).spec;
  };
  EXPECT_EQ(spec("key 1.2.3.4").input_key, 0x01020304U);
  EXPECT_EQ(spec("key 0x10").output_key, 16U);
  EXPECT_EQ(spec("ikey 5").output_key, std::nullopt);
  EXPECT_EQ(spec("okey 5").input_key, std::nullopt);
  EXPECT_TRUE(spec("csum").input_checksum && spec("csum").output_checksum);
  EXPECT_TRUE(spec("iseq").input_sequence && !spec("iseq").output_sequence);
  EXPECT_TRUE(!spec("ocsum").input_checksum && spec("ocsum").output_checksum);
  // The group is its own key, where none is given.
  EXPECT_EQ(spec("remote 239.0.0.1 local 10.0.0.1").input_key, 0xef000001U);
  EXPECT_EQ(spec("remote 239.0.0.1 local 10.0.0.1 key 7").output_key, 7U);
}

TEST(Grammar, TunnelKeepalive) {
  const std::string add = "tunnel add x mode gre remote 10.0.0.2 ";
  const auto least = body_of<TunnelAdd>(add + "keepalive 1 1 ttl 9").spec;
  EXPECT_EQ(least.keepalive->seconds, 1);
  EXPECT_EQ(least.keepalive->retries, 1);
  EXPECT_EQ(least.ttl, 9);
  const auto most = body_of<TunnelAdd>(add + "keepalive 32767 255").spec;
  EXPECT_EQ(most.keepalive->seconds, 32767);
  EXPECT_EQ(most.keepalive->retries, 255);
  EXPECT_FALSE(body_of<TunnelAdd>(add).spec.keepalive);
  EXPECT_FALSE(body_of<TunnelAdd>(add + "nokeepalive").spec.keepalive->is_on());
  for (const char* const wrong : {"0 3", "32768 3", "-1 3", "x 3", "10 0", "10 256", "10 x"}) {
    EXPECT_EQ(refusal(add + "keepalive " + wrong).second, 255) << wrong;
  }
  EXPECT_EQ(refusal(add + "keepalive 10").second, 255);
  EXPECT_EQ(refusal(add + "keepalive 0 3").first,
            "Error: argument \"0\" is wrong: invalid seconds of \"keepalive\": 1 to 32767\n");
  const auto changed = [&](std::string_view options) {
    return changed_tunnel(most,
                          body_of<TunnelChange>("tunnel change x " + std::string{options}).spec);
  };
  EXPECT_TRUE(changed("ttl 3").keepalive->is_on());
  EXPECT_FALSE(changed("nokeepalive").keepalive->is_on());
  EXPECT_EQ(changed("keepalive 5 2").keepalive->seconds, 5);
  EXPECT_EQ(refusal("tunnel add x mode sit remote 10.0.0.2 keepalive 10 3").second, 1);
  EXPECT_EQ(refusal("tunnel add x mode gre keepalive 10 3").second, 1);
}

TEST(Grammar, TunnelChange) {
  const auto current =
      body_of<TunnelAdd>("tunnel add x mode gre remote 10.0.0.2 local 10.0.0.1 ttl 9 key 4").spec;
  const auto changed = [&](std::string_view options) {
    return changed_tunnel(current,
                          body_of<TunnelChange>("tunnel change x " + std::string{options}).spec);
  };
  EXPECT_EQ(changed("ttl inherit").ttl, 0);
  EXPECT_EQ(changed("remote 10.0.0.3").remote, parse_ipv4("10.0.0.3"));
  EXPECT_EQ(changed("remote 10.0.0.3").local, parse_ipv4("10.0.0.1"));
  EXPECT_EQ(changed("okey 5").input_key, 4U);
  EXPECT_TRUE(changed("seq").output_sequence);
  EXPECT_EQ(changed("mode gre ttl inherit nopmtudisc").pmtudisc, false);
  EXPECT_THROW((void)changed("mode sit"), CommandError);
  EXPECT_THROW((void)changed("nopmtudisc"), CommandError);
}

TEST(Grammar, Addresses) {
  const auto spec = [](std::string_view line) {
    return body_of<AddressAdd>("addr add " + std::string{line}).spec;
  };
  const auto lan = spec("10.42.1.1/24 dev p0");
  EXPECT_EQ(to_string(lan.local), "10.42.1.1");
  EXPECT_EQ(lan.peer, lan.local);
  EXPECT_EQ(lan.length, 24U);
  EXPECT_EQ(lan.dev, "p0");
  EXPECT_EQ(lan.broadcast, std::nullopt);
  const auto far = spec("10.10.100.10 peer 10.10.200.10 dev tun1");
  EXPECT_EQ(to_string(far.peer), "10.10.200.10");
  EXPECT_EQ(far.length, 32U);
  EXPECT_EQ(spec("10.42/16 dev p0").local, parse_address("10.42.0.0"));
  EXPECT_EQ(spec("10.1.2/255.255.255.0 dev p0").length, 24U);
  EXPECT_EQ(spec("10.1.2.3/24 brd + dev p0").broadcast, parse_ipv4("10.1.2.255"));
  EXPECT_EQ(spec("10.1.2.3/31 brd + dev p0").broadcast, std::nullopt);
  EXPECT_EQ(to_string(spec("dev p0 2001:DB8::1/64 nodad").local), "2001:db8::1");
  EXPECT_EQ(spec("2001:db8::1 dev p0").length, 128U);
}

TEST(Grammar, AddressDelAndShow) {
  EXPECT_TRUE(body_of<AddressDel>("addr del 10.0.0.1 dev p0").any_length);
  EXPECT_FALSE(body_of<AddressDel>("addr del 10.0.0.1/32 dev p0").any_length);
  EXPECT_FALSE(body_of<AddressDel>("addr del 10.0.0.1 peer 10.0.0.2 dev p0").any_length);
  EXPECT_FALSE(body_of<AddressDel>("addr del 2001:db8::1 dev p0").any_length);
  EXPECT_EQ(body_of<AddressShow>("a s p0 up").dev, "p0");
  EXPECT_TRUE(body_of<AddressShow>("a s p0 up").up_only);
}

TEST(Grammar, Routes) {
  const auto spec = [](std::string_view line) {
    return body_of<RouteAdd>("route add " + std::string{line}).spec;
  };
  const auto many = spec("10.42.2.0/24 via 172.16.165.244 dev tunl0 onlink metric 5");
  EXPECT_EQ(many.prefix, IpPrefix{Ipv4Prefix::of(*parse_ipv4("10.42.2.0"), 24)});
  EXPECT_EQ(many.via, parse_address("172.16.165.244"));
  EXPECT_EQ(many.dev, "tunl0");
  EXPECT_TRUE(many.onlink);
  EXPECT_EQ(many.metric, 5U);
  EXPECT_EQ(many.type, RouteType::unicast);
  EXPECT_EQ(spec("10.42/16 dev p0").prefix, IpPrefix{Ipv4Prefix::of(*parse_ipv4("10.42.0.0"), 16)});
  EXPECT_EQ(spec("10.1.2 dev p0").prefix, IpPrefix{Ipv4Prefix::host(*parse_ipv4("10.1.2.0"))});
  EXPECT_EQ(spec("default dev p0").prefix, IpPrefix{Ipv4Prefix{}});
  EXPECT_EQ(spec("default via 2001:db8::1").prefix, IpPrefix{Ipv6Prefix{}});
  EXPECT_EQ(spec("10.0.0.0/8 via inet6 2001:db8::1").via, parse_address("2001:db8::1"));
  EXPECT_EQ(spec("2001:db8::1/32 dev p0").prefix,
            IpPrefix{Ipv6Prefix::of(*parse_ipv6("2001:db8::"), 32)});
  EXPECT_EQ(spec("bl 10.0.0.0/8").type, RouteType::blackhole);
  EXPECT_EQ(spec("u 10.0.0.0/8").type, RouteType::unreachable);
  EXPECT_EQ(spec("prohibit default").type, RouteType::prohibit);
  EXPECT_EQ(spec("10.0.0.0/8 dev p0 src 10.0.0.1 proto static").source, parse_address("10.0.0.1"));
  EXPECT_EQ(spec("10.0.0.0/8 dev p0 proto static").protocol, RouteProtocol::fixed);
  EXPECT_EQ(std::get<RouteAdd>(parsed("-6 route add default dev p0").body).spec.prefix,
            IpPrefix{Ipv6Prefix{}});
  EXPECT_EQ(body_of<RouteDel>("route del default").spec.via, std::nullopt);
  EXPECT_EQ(body_of<RouteReplace>("route rep 10.0.0.0/8 dev p0").spec.dev, "p0");
}

TEST(Grammar, RouteShow) {
  EXPECT_EQ(body_of<RouteShow>("r").match, RouteShow::Match::all);
  EXPECT_EQ(body_of<RouteShow>("-6 r").family, Family::ipv6);
  const auto root = body_of<RouteShow>("route show to root 10.0.0.0/8 dev p0");
  EXPECT_EQ(root.match, RouteShow::Match::root);
  EXPECT_EQ(root.prefix, IpPrefix{Ipv4Prefix::of(*parse_ipv4("10.0.0.0"), 8)});
  EXPECT_EQ(root.dev, "p0");
  EXPECT_EQ(body_of<RouteShow>("route show match 10.0.0.1").match, RouteShow::Match::match);
  EXPECT_EQ(body_of<RouteShow>("route show 10.0.0.0/8").match, RouteShow::Match::exact);
  EXPECT_EQ(body_of<RouteShow>("route list via 10.0.0.1").via, parse_address("10.0.0.1"));
  EXPECT_EQ(body_of<RouteGet>("route get 2001:db8::1").address, parse_address("2001:db8::1"));
}

TEST(Grammar, Neighbours) {
  const auto add = body_of<NeighbourAdd>("neigh add 10.0.0.2 lladdr 02:00:00:00:00:09 dev p0");
  EXPECT_EQ(add.spec.address, parse_address("10.0.0.2"));
  EXPECT_EQ(std::get<MacAddress>(*add.spec.lladdr), parse_mac("02:00:00:00:00:09"));
  EXPECT_EQ(add.spec.dev, "p0");
  EXPECT_FALSE(add.replace);
  const auto outer = body_of<NeighbourAdd>("n r to 10.0.0.2 lladdr 192.0.2.1 nud permanent dev g");
  EXPECT_EQ(std::get<Ipv4Address>(*outer.spec.lladdr), parse_ipv4("192.0.2.1"));
  EXPECT_TRUE(outer.replace);
  EXPECT_EQ(body_of<NeighbourDel>("n d 2001:db8::1 dev p0").spec.lladdr, std::nullopt);
  EXPECT_EQ(body_of<NeighbourShow>("-4 n").family, Family::ipv4);
  EXPECT_EQ(body_of<NeighbourShow>("n s 2001:db8::/32 dev p0").family, Family::ipv6);
  EXPECT_EQ(body_of<NeighbourShow>("n s 2001:db8::/32 dev p0").dev, "p0");
}

TEST(Grammar, Drops) {
  EXPECT_TRUE(std::holds_alternative<DropsShow>(parsed("drops").body));
  EXPECT_TRUE(std::holds_alternative<DropsShow>(parsed("-s d show").body));
  EXPECT_EQ(refusal("drops x").second, 255);
  EXPECT_EQ(refusal("drops show x").second, 255);
}

}  // namespace
}  // namespace culvert
