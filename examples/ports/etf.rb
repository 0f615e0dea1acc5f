# Terms for Ruby, as an Umbel or Erlang port sends them: packets of 4 length bytes, each a term in External Term Format.
#
#     require_relative "etf"
#     Etf.packets { |request| Etf.send(Etf::Tuple[:ok, request]) }
#
# Atoms are Symbols, tuples Etf::Tuple, lists Array, maps Hash, binaries String (binary encoding when they are no UTF-8). What is not here (pids,
# references, functions) is refused by name. Standard output belongs to the packets: warn, do not puts.
module Etf
  class Tuple < Array; end

  CONSTANTS = { "true" => true, "false" => false, "nil" => nil, "undefined" => nil }.freeze

  module_function

  # Yields the terms that come, until there are no more.
  def packets(source = $stdin)
    source.binmode
    while (header = source.read(4)) && header.bytesize == 4
      size = header.unpack1("N")
      packet = size.zero? ? "" : source.read(size)
      raise EOFError, "the input ended in the middle of a packet" if packet.nil? || packet.bytesize < size
      yield decode(packet)
    end
  end

  def send(term, sink = $stdout)
    packet = encode(term)
    sink.binmode
    sink.write([packet.bytesize].pack("N"), packet)
    sink.flush
  end

  def decode(data)
    raise ArgumentError, "a term begins with the byte 131" unless data.getbyte(0) == 131
    term, at = read(data, 1)
    raise ArgumentError, "there are bytes behind the term" unless at == data.bytesize
    term
  end

  def encode(term) = "\x83".b + write(term)

  def read(data, at)
    tag = data.getbyte(at)
    at += 1
    case tag
    when 97 then [data.getbyte(at), at + 1]
    when 98 then [data.unpack1("l>", offset: at), at + 4]
    when 110
      size = data.getbyte(at)
      value = data.byteslice(at + 2, size).bytes.each_with_index.sum { |byte, i| byte << (8 * i) }
      [data.getbyte(at + 1).zero? ? value : -value, at + 2 + size]
    when 70 then [data.unpack1("G", offset: at), at + 8]
    when 100, 118, 115, 119
      wide = [100, 118].include?(tag) ? 2 : 1
      size = wide == 2 ? data.unpack1("n", offset: at) : data.getbyte(at)
      raw = data.byteslice(at + wide, size)
      text = [100, 115].include?(tag) ? raw.force_encoding("ISO-8859-1").encode("UTF-8") : raw.force_encoding("UTF-8")
      [CONSTANTS.key?(text) ? CONSTANTS[text] : text.to_sym, at + wide + size]
    when 109
      size = data.unpack1("N", offset: at)
      text = data.byteslice(at + 4, size).force_encoding("UTF-8")
      [text.valid_encoding? ? text : text.b, at + 4 + size]
    when 106 then [[], at]
    when 107
      size = data.unpack1("n", offset: at)
      [data.byteslice(at + 2, size).bytes, at + 2 + size]
    when 108
      items, at = several(data, at + 4, data.unpack1("N", offset: at))
      raise ArgumentError, "an improper list" unless data.getbyte(at) == 106
      [items, at + 1]
    when 104, 105
      small = tag == 104
      items, at = several(data, at + (small ? 1 : 4), small ? data.getbyte(at) : data.unpack1("N", offset: at))
      [Tuple.new(items), at]
    when 116
      items, at = several(data, at + 4, 2 * data.unpack1("N", offset: at))
      [items.each_slice(2).to_h, at]
    else raise ArgumentError, "a term with the tag #{tag} is not read here"
    end
  end

  def several(data, at, count)
    items = Array.new(count) do
      item, at = read(data, at)
      item
    end
    [items, at]
  end

  def write(term)
    case term
    when nil then write(:nil)
    when true then write(:true)
    when false then write(:false)
    when Symbol
      text = term.to_s.encode("UTF-8").b
      (text.bytesize < 256 ? [119, text.bytesize].pack("CC") : [118, text.bytesize].pack("Cn")) + text
    when Integer then integer(term)
    when Float then [70, term].pack("CG")
    when String then [109, term.bytesize].pack("CN") + term.b
    when Tuple
      (term.size < 256 ? [104, term.size].pack("CC") : [105, term.size].pack("CN")) + term.map { |item| write(item) }.join
    when Array
      term.empty? ? "j".b : [108, term.size].pack("CN") + term.map { |item| write(item) }.join + "j".b
    when Hash then [116, term.size].pack("CN") + term.map { |key, value| write(key) + write(value) }.join
    else raise ArgumentError, "#{term.class} is no term"
    end
  end

  def integer(term)
    return [97, term].pack("CC") if (0..255).cover?(term)
    return [98, term].pack("Cl>") if (-(2**31)...2**31).cover?(term)
    bytes = []
    value = term.abs
    while value.positive?
      bytes << (value & 255)
      value >>= 8
    end
    raise ArgumentError, "an integer of more than 255 bytes is not written here" if bytes.size > 255
    [110, bytes.size, term.negative? ? 1 : 0, *bytes].pack("C*")
  end
end
