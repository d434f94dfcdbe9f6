//! What kind of address an address is (IANA special-purpose registries, RFC 6890 and its successors).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Global unicast, and nothing else besides.
    Public,
    /// Anything else.
    Special(Range),
}

/// The ranges that no provider on the internet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Range {
    /// `0.0.0.0/8`, `::`: on many systems another name for this machine.
    Unspecified,
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// RFC 1918.
    Private,
    /// RFC 6598: behind a carrier's NAT; some clouds keep their metadata service here.
    Shared,
    /// `169.254.0.0/16`, `fe80::/10`: the metadata services of most clouds.
    LinkLocal,
    /// `fc00::/7`, and the older `fec0::/10`.
    UniqueLocal,
    /// One address, many hosts; with it the broadcast address.
    Multicast,
    /// Written in examples, used by nobody (RFC 5737, RFC 3849, RFC 9637).
    Documentation,
    /// RFC 2544, RFC 5180.
    Benchmark,
    /// An IPv4 address inside an IPv6 address: mapped, compatible, NAT64, 6to4, Teredo. Where it leads is another network's choice.
    Translated,
    /// Not given out, or for protocols only.
    Reserved,
}

impl Range {
    /// Whether an operator can have a host there, for which an exception makes sense.
    #[must_use]
    pub const fn can_be_a_host(self) -> bool {
        match self {
            Self::Loopback
            | Self::Private
            | Self::Shared
            | Self::LinkLocal
            | Self::UniqueLocal
            | Self::Benchmark
            | Self::Translated => true,
            Self::Unspecified | Self::Multicast | Self::Documentation | Self::Reserved => false,
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link-local",
            Self::UniqueLocal => "unique local",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmark => "benchmark",
            Self::Translated => "translated IPv4",
            Self::Reserved => "reserved",
        })
    }
}

/// Judges an address. Pure, and closed: what no rule names is reserved.
#[must_use]
pub fn judge(address: IpAddr) -> Verdict {
    match address {
        IpAddr::V4(v4) => judge_v4(v4),
        IpAddr::V6(v6) => judge_v6(v6),
    }
}

fn judge_v4(address: Ipv4Addr) -> Verdict {
    let range = match address.octets() {
        [0, ..] => Range::Unspecified,
        [127, ..] => Range::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Range::Private,
        [100, 64..=127, ..] => Range::Shared,
        [169, 254, ..] => Range::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Range::Documentation,
        [198, 18..=19, ..] => Range::Benchmark,
        // The anycast relay of 6to4.
        [192, 88, 99, _] => Range::Translated,
        [192, 0, 0, _] => Range::Reserved,
        [224..=239, ..] | [255, 255, 255, 255] => Range::Multicast,
        [240..=255, ..] => Range::Reserved,
        _ => return Verdict::Public,
    };
    Verdict::Special(range)
}

fn judge_v6(address: Ipv6Addr) -> Verdict {
    let range = match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Range::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Range::Loopback,
        // Compatible (RFC 4291), mapped (RFC 4291), translated (RFC 2765), NAT64 well-known and local (RFC 6052, RFC 8215).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..]
        | [0x64, 0xff9b, 1, ..] => Range::Translated,
        // Teredo (RFC 4380) and 6to4 (RFC 3056).
        [0x2001, 0, ..] | [0x2002, ..] => Range::Translated,
        [0x2001, 2, 0, ..] => Range::Benchmark,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Range::Documentation,
        // Protocol assignments (RFC 2928).
        [0x2001, 1..=0x01ff, ..] => Range::Reserved,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Range::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Range::LinkLocal,
        [0xff00..=0xffff, ..] => Range::Multicast,
        [0x2000..=0x3fff, ..] => return Verdict::Public,
        _ => Range::Reserved,
    };
    Verdict::Special(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:200::1",
            "2001:4860:4860::8888",
        ] {
            assert_eq!(judge(text.parse().unwrap()), Verdict::Public, "{text}");
        }
    }

    #[test]
    fn every_special_range_is_recognised_at_both_ends() {
        let table: &[(&str, Range)] = &[
            ("0.0.0.0", Range::Unspecified),
            ("0.255.255.255", Range::Unspecified),
            ("10.0.0.0", Range::Private),
            ("10.255.255.255", Range::Private),
            ("100.64.0.0", Range::Shared),
            ("100.127.255.255", Range::Shared),
            ("100.100.100.200", Range::Shared),
            ("127.0.0.0", Range::Loopback),
            ("127.255.255.255", Range::Loopback),
            ("169.254.0.0", Range::LinkLocal),
            ("169.254.169.254", Range::LinkLocal),
            ("169.254.255.255", Range::LinkLocal),
            ("172.16.0.0", Range::Private),
            ("172.31.255.255", Range::Private),
            ("192.0.0.0", Range::Reserved),
            ("192.0.0.255", Range::Reserved),
            ("192.0.2.1", Range::Documentation),
            ("192.88.99.1", Range::Translated),
            ("192.168.0.0", Range::Private),
            ("192.168.255.255", Range::Private),
            ("198.18.0.0", Range::Benchmark),
            ("198.19.255.255", Range::Benchmark),
            ("198.51.100.7", Range::Documentation),
            ("203.0.113.7", Range::Documentation),
            ("224.0.0.0", Range::Multicast),
            ("239.255.255.255", Range::Multicast),
            ("240.0.0.0", Range::Reserved),
            ("255.255.255.254", Range::Reserved),
            ("255.255.255.255", Range::Multicast),
            ("::", Range::Unspecified),
            ("::1", Range::Loopback),
            ("::2", Range::Translated),
            ("::7f00:1", Range::Translated),
            ("::ffff:127.0.0.1", Range::Translated),
            ("::ffff:8.8.8.8", Range::Translated),
            ("::ffff:0:7f00:1", Range::Translated),
            ("64:ff9b::7f00:1", Range::Translated),
            ("64:ff9b::808:808", Range::Translated),
            ("64:ff9b:1::1", Range::Translated),
            ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Range::Translated),
            ("100::1", Range::Reserved),
            ("2001::1", Range::Translated),
            ("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Range::Translated),
            ("2001:2::1", Range::Benchmark),
            ("2001:10::1", Range::Reserved),
            ("2001:1ff:ffff::", Range::Reserved),
            ("2001:db8::1", Range::Documentation),
            ("2002:7f00:1::", Range::Translated),
            ("3fff::1", Range::Documentation),
            ("3fff:fff:ffff::", Range::Documentation),
            ("4000::1", Range::Reserved),
            ("5f00::1", Range::Reserved),
            ("fc00::1", Range::UniqueLocal),
            ("fd00:ec2::254", Range::UniqueLocal),
            ("fdff::1", Range::UniqueLocal),
            ("fe80::1", Range::LinkLocal),
            ("febf::1", Range::LinkLocal),
            ("fec0::1", Range::UniqueLocal),
            ("ff02::1", Range::Multicast),
            ("ffff::1", Range::Multicast),
        ];
        for (text, range) in table {
            assert_eq!(
                judge(text.parse().unwrap()),
                Verdict::Special(*range),
                "{text}"
            );
        }
    }
}
