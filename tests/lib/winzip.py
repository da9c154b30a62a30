# SPDX-License-Identifier: ISC
"""Opening entries of a ZIP that are encrypted with AES-256 (WinZip's AE-1 and
AE-2), which Python's zipfile cannot: an independent look at what we write."""
import hashlib
import hmac
import struct
import subprocess
import zlib

SALT, CHECK, MAC, BLOCK = 16, 2, 10, 16


class WrongPassword(Exception):
    pass


def raw(archive, info):
    """The bytes of an entry as they lie in the file."""
    stream = archive.fp
    stream.seek(info.header_offset)
    header = stream.read(30)
    name, extra = struct.unpack("<HH", header[26:30])
    stream.seek(info.header_offset + 30 + name + extra)
    return stream.read(info.compress_size)


def keystream(key, n):
    """AES-CTR with a counter that runs the other way round than OpenSSL's."""
    blocks = b"".join(i.to_bytes(BLOCK, "little") for i in range(1, n // BLOCK + 2))
    argv = ["openssl", "enc", "-aes-256-ecb", "-nopad", "-K", key.hex()]
    return subprocess.run(argv, input=blocks, stdout=subprocess.PIPE, check=True).stdout[:n]


def method(info):
    """(AES strength, compression) from the extra field 0x9901."""
    extra = info.extra
    while extra:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x9901:
            _, vendor, strength, packed = struct.unpack("<H2sBH", extra[4:11])
            assert vendor == b"AE"
            return strength, packed
        extra = extra[4 + size :]
    raise AssertionError(f"{info.filename} is not encrypted with AES")


def read(archive, name, password):
    info = archive.getinfo(name)
    strength, packed = method(info)
    assert strength == 3, "not AES-256"
    data = raw(archive, info)
    salt, check, body, mac = (
        data[:SALT],
        data[SALT : SALT + CHECK],
        data[SALT + CHECK : -MAC],
        data[-MAC:],
    )
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 2 * 32 + CHECK)
    if keys[64:] != check:
        raise WrongPassword
    assert hmac.new(keys[32:64], body, hashlib.sha1).digest()[:MAC] == mac
    plain = bytes(a ^ b for a, b in zip(body, keystream(keys[:32], len(body))))
    return zlib.decompress(plain, -15) if packed == 8 else plain
