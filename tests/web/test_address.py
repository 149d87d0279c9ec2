from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.web.address import METADATA, Reach

INSIDE = [
    ("127.0.0.1", "a loopback"), ("127.255.255.254", "a loopback"), ("10.0.0.1", "a private"),
    ("10.255.255.255", "a private"), ("172.16.0.1", "a private"), ("172.31.255.255", "a private"),
    ("192.168.1.1", "a private"), ("100.64.0.1", "a provider's inner"), ("100.127.255.255", "a provider's inner"),
    ("::1", "a loopback"), ("fc00::1", "a private"), ("fdff:ffff::1", "a private"), ("::ffff:127.0.0.1", "a loopback"),
    ("::ffff:10.1.2.3", "a private"), ("64:ff9b::7f00:1", "a loopback"), ("64:ff9b::10.0.0.1", "a private"),
    ("2002:7f00:1::", "a loopback"), ("2002:c0a8:101::1", "a private"), ("2600:1::5efe:10.0.0.1", "a private"),
    ("2600:1::200:5efe:192.168.0.1", "a private"),
]  # fmt: skip
NEVER = [
    ("0.0.0.0", "an unspecified"), ("0.1.2.3", "an unspecified"), ("169.254.1.1", "a link-local"),
    ("192.0.0.1", "a reserved"), ("192.0.2.1", "a documentation"), ("192.88.99.1", "a reserved"),
    ("198.18.0.1", "a reserved"), ("198.19.255.255", "a reserved"), ("198.51.100.7", "a documentation"),
    ("203.0.113.9", "a documentation"), ("224.0.0.1", "a multicast"), ("239.255.255.250", "a multicast"),
    ("240.0.0.1", "a reserved"), ("255.255.255.255", "a reserved"), ("169.254.169.254", "a cloud's metadata"),
    ("169.254.170.2", "a cloud's metadata"), ("100.100.100.200", "a cloud's metadata"),
    ("168.63.129.16", "a cloud's metadata"), ("192.0.0.192", "a cloud's metadata"), ("::", "an unspecified"),
    ("::127.0.0.1", "a reserved"), ("::8.8.8.8", "a reserved"), ("::ffff:0:127.0.0.1", "a reserved"),
    ("::ffff:169.254.169.254", "a cloud's metadata"), ("::ffff:0.0.0.0", "an unspecified"),
    ("64:ff9b::169.254.169.254", "a cloud's metadata"), ("64:ff9b:1::1", "a reserved"), ("100::1", "a reserved"),
    ("2001::1", "a reserved"), ("2001:0:7f00:1::1", "a reserved"), ("2001:db8::1", "a documentation"),
    ("2002:a9fe:a9fe::1", "a cloud's metadata"), ("3fff::1", "a documentation"), ("4000::1", "a reserved"),
    ("5f00::1", "a reserved"), ("fd00:ec2::254", "a cloud's metadata"), ("fd20:ce::254", "a cloud's metadata"),
    ("fe80::1", "a link-local"), ("fe80::1%2", "a link-local"), ("fec0::1", "a link-local"), ("ff02::1", "a multicast"),
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
    "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1",
]  # fmt: skip


@pytest.mark.parametrize(("address", "expected"), [*INSIDE, *NEVER])
def test_addresses_inside_a_network_are_named(address, expected):
    assert str(Reach().why_not(ip_address(address))).startswith(f"{expected} address")


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_free(address):
    assert Reach().why_not(ip_address(address)) is None


@pytest.mark.parametrize(("address", "_"), INSIDE)
def test_private_addresses_may_be_allowed(address, _):
    assert Reach(private=True).why_not(ip_address(address)) is None


@pytest.mark.parametrize(("address", "expected"), NEVER)
def test_others_never_are(address, expected):
    assert str(Reach(private=True).why_not(ip_address(address))).startswith(expected)


def test_a_network_is_allowed_but_for_the_keys_of_a_cloud():
    reach = Reach(networks=(ip_network("10.1.0.0/16"), ip_network("169.254.0.0/16"), ip_network("fd00::/8")))
    assert reach.why_not(ip_address("10.1.2.3")) is None
    assert reach.why_not(ip_address("::ffff:10.1.2.3")) is None
    assert reach.why_not(ip_address("10.2.0.1")) == "a private address"
    assert reach.why_not(ip_address("::ffff:10.2.0.1")) == "a private address, as ::ffff:a02:1"
    assert [each for each in METADATA if reach.why_not(each) is None] == []


@given(st.integers(0, 2**32 - 1))
def test_a_mapped_address_is_as_free_as_what_it_maps(number):
    plain = Reach().why_not(ip_address(number))
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        mapped = Reach().why_not(ip_address(number + prefix))
        assert (mapped is None) == (plain is None)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_free(address):
    if not address.is_global and getattr(address, "ipv4_mapped", None) is None:
        assert Reach().why_not(address) is not None
