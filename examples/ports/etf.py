"""Terms for Python, as an Umbel or Erlang port sends them: packets of 4 length bytes, each a term in External Term Format.

    from etf import Atom, packets, send
    for request in packets():
        send((Atom("ok"), request))

Atoms are Atom, tuples tuple, lists list, maps dict, binaries str (bytes when they are no UTF-8). What is not here (pids, references, functions,
big integers beyond 255 bytes) is refused by name. Standard output belongs to the packets: print to standard error.
"""
import struct
import sys


class Atom(str):
    """An atom. true, false, nil and undefined are True, False and None."""

    __slots__ = ()


CONSTANTS = {"true": True, "false": False, "nil": None, "undefined": None}


def packets(source=sys.stdin.buffer):
    """The terms that come, until there are no more."""
    while True:
        header = source.read(4)
        if len(header) < 4:
            return
        size = int.from_bytes(header, "big")
        packet = source.read(size)
        if len(packet) < size:
            raise EOFError("the input ended in the middle of a packet")
        yield decode(packet)


def send(term, sink=sys.stdout.buffer):
    packet = encode(term)
    sink.write(len(packet).to_bytes(4, "big") + packet)
    sink.flush()


def decode(data):
    if data[0] != 131:
        raise ValueError("a term begins with the byte 131")
    term, end = _read(data, 1)
    if end != len(data):
        raise ValueError("there are bytes behind the term")
    return term


def encode(term):
    return b"\x83" + _write(term)


def _read(data, at):
    tag = data[at]
    at += 1
    if tag == 97:
        return data[at], at + 1
    if tag == 98:
        return struct.unpack_from(">i", data, at)[0], at + 4
    if tag == 110:
        size, sign = data[at], data[at + 1]
        value = int.from_bytes(data[at + 2 : at + 2 + size], "little")
        return (-value if sign else value), at + 2 + size
    if tag == 70:
        return struct.unpack_from(">d", data, at)[0], at + 8
    if tag in (100, 118, 115, 119):
        wide = 2 if tag in (100, 118) else 1
        size = int.from_bytes(data[at : at + wide], "big")
        at += wide
        text = data[at : at + size].decode("latin-1" if tag in (100, 115) else "utf-8")
        return CONSTANTS.get(text, Atom(text)), at + size
    if tag == 109:
        size = struct.unpack_from(">I", data, at)[0]
        binary = data[at + 4 : at + 4 + size]
        try:
            return binary.decode("utf-8"), at + 4 + size
        except UnicodeDecodeError:
            return binary, at + 4 + size
    if tag == 106:
        return [], at
    if tag == 107:
        size = struct.unpack_from(">H", data, at)[0]
        return list(data[at + 2 : at + 2 + size]), at + 2 + size
    if tag == 108:
        items, at = _several(data, at + 4, struct.unpack_from(">I", data, at)[0])
        if data[at] != 106:
            raise ValueError("an improper list")
        return items, at + 1
    if tag == 104:
        items, at = _several(data, at + 1, data[at])
        return tuple(items), at
    if tag == 105:
        items, at = _several(data, at + 4, struct.unpack_from(">I", data, at)[0])
        return tuple(items), at
    if tag == 116:
        items, at = _several(data, at + 4, 2 * struct.unpack_from(">I", data, at)[0])
        return dict(zip(items[::2], items[1::2])), at
    raise ValueError(f"a term with the tag {tag} is not read here")


def _several(data, at, count):
    items = []
    for _ in range(count):
        item, at = _read(data, at)
        items.append(item)
    return items, at


def _write(term):
    if term is None:
        return _write(Atom("nil"))
    if isinstance(term, bool):
        return _write(Atom("true" if term else "false"))
    if isinstance(term, Atom):
        text = term.encode("utf-8")
        return (bytes([119, len(text)]) if len(text) < 256 else b"\x76" + struct.pack(">H", len(text))) + text
    if isinstance(term, int):
        if 0 <= term < 256:
            return bytes([97, term])
        if -(2**31) <= term < 2**31:
            return b"\x62" + struct.pack(">i", term)
        value = abs(term)
        size = (value.bit_length() + 7) // 8
        if size > 255:
            raise ValueError("an integer of more than 255 bytes is not written here")
        return bytes([110, size, term < 0]) + value.to_bytes(size, "little")
    if isinstance(term, float):
        return b"\x46" + struct.pack(">d", term)
    if isinstance(term, str):
        return _write(term.encode("utf-8"))
    if isinstance(term, (bytes, bytearray)):
        return b"\x6d" + struct.pack(">I", len(term)) + bytes(term)
    if isinstance(term, tuple):
        head = bytes([104, len(term)]) if len(term) < 256 else b"\x69" + struct.pack(">I", len(term))
        return head + b"".join(map(_write, term))
    if isinstance(term, list):
        return b"\x6a" if not term else b"\x6c" + struct.pack(">I", len(term)) + b"".join(map(_write, term)) + b"\x6a"
    if isinstance(term, dict):
        pairs = b"".join(_write(key) + _write(value) for key, value in term.items())
        return b"\x74" + struct.pack(">I", len(term)) + pairs
    raise TypeError(f"{type(term).__name__} is no term")
