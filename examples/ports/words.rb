# A program that works with words for an Umbel node: Ruby's strings behind a port.
#
#     {count, <<"to be or not to be">>}   ->  {ok, #{<<"to">> => 2, …}}
#     {echo, Term}                        ->  {ok, Term}
#     anything else                       ->  {error, <<"…">>}
require_relative "etf"

def answer(request)
  raise ArgumentError, "no request #{request.inspect}" unless request.is_a?(Etf::Tuple) && request.size == 2
  what, argument = request
  case what
  when :count then argument.split.tally
  when :echo then argument
  else raise ArgumentError, "no request #{what}"
  end
end

Etf.packets do |request|
  Etf.send(Etf::Tuple[:ok, answer(request)])
rescue StandardError => error
  Etf.send(Etf::Tuple[:error, "#{error.class}: #{error.message}"])
end
