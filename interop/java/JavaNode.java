import com.ericsson.otp.erlang.*;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A Java node on Erlang's own Java library (JInterface), for interop/test/jinterface.test.ts: two programs in one.
 *
 * <pre>
 * java JavaNode call  NAME COOKIE PEER    pings PEER, asks its processes, links to them, says what came back, and ends
 * java JavaNode serve NAME COOKIE         has a mailbox "java", says "ready", answers calls and does what it is told, until `stop`
 * </pre>
 *
 * Terms are said in hex: the test reads them with Umbel's own codec, and knows what they should be.
 */
public final class JavaNode {
  private static final long PATIENCE_MS = 20_000;
  private static final int LARGE = 20 * 1024 * 1024;

  public static void main(String[] args) throws Exception {
    OtpNode node = new OtpNode(args[1], args[2]);
    if (args[0].equals("call")) call(node, args[3]);
    else serve(node);
    node.close();
    System.exit(0);
  }

  private static OtpErlangObject tuple(OtpErlangObject... elements) {
    return new OtpErlangTuple(elements);
  }

  private static OtpErlangObject atom(String text) {
    return new OtpErlangAtom(text);
  }

  private static void say(String word, OtpErlangObject term) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new OtpOutputStream(term).writeTo(bytes);
    StringBuilder hex = new StringBuilder();
    for (byte b : bytes.toByteArray()) hex.append(String.format("%02x", b));
    System.out.println(word + " " + hex);
  }

  private static OtpErlangObject receive(OtpMbox self) throws Exception {
    OtpErlangObject message = self.receive(PATIENCE_MS);
    if (message == null) throw new IllegalStateException("nothing came within " + PATIENCE_MS + " ms");
    return message;
  }

  /** {@code gen_server:call}, by hand. */
  private static OtpErlangObject genCall(OtpMbox self, OtpNode node, String name, String peer, OtpErlangObject request)
      throws Exception {
    OtpErlangRef ref = node.createRef();
    self.send(name, peer, tuple(atom("$gen_call"), tuple(self.self(), ref), request));
    OtpErlangTuple reply = (OtpErlangTuple) receive(self);
    if (!reply.elementAt(0).equals(ref)) throw new IllegalStateException("another reply: " + reply);
    return reply.elementAt(1);
  }

  private static void call(OtpNode node, String peer) throws Exception {
    System.out.println("ping " + node.ping(peer, PATIENCE_MS));
    OtpMbox self = node.createMbox();
    OtpErlangMap map = new OtpErlangMap();
    map.put(atom("key"), new OtpErlangLong(1));
    map.put(new OtpErlangBinary("k".getBytes()), new OtpErlangMap());
    OtpErlangObject[] terms = {
      atom("an_atom"), atom("ünïcode"), new OtpErlangLong(-7), new OtpErlangLong(Long.MAX_VALUE),
      new OtpErlangLong(BigInteger.ONE.shiftLeft(80).negate()), new OtpErlangLong(BigInteger.ONE.shiftLeft(3000)),
      new OtpErlangDouble(0.1), new OtpErlangDouble(-1e300), new OtpErlangBinary(new byte[] {0, -1, -128}),
      new OtpErlangBinary("ünïcode ✓".getBytes("UTF-8")), new OtpErlangBitstr(new byte[] {(byte) 0xab, (byte) 0xe0}, 5),
      new OtpErlangString("a string"), new OtpErlangString("ünïcode ✓"), new OtpErlangList(), map,
      tuple(new OtpErlangBoolean(true), new OtpErlangBoolean(false), tuple()), self.self(), node.createRef(),
    };
    for (OtpErlangObject term : terms) {
      self.send("echo", peer, tuple(self.self(), term));
      OtpErlangObject echoed = receive(self);
      // A string beyond Latin-1 is a list of numbers, from any node; JInterface makes a string of it when asked.
      boolean isList = term instanceof OtpErlangString && echoed instanceof OtpErlangList;
      OtpErlangObject read = isList ? new OtpErlangString((OtpErlangList) echoed) : echoed;
      if (!read.equals(term)) System.out.println("different " + term + " " + echoed);
      say("echoed", echoed);
    }
    say("replied", genCall(self, node, "counter", peer, tuple(atom("increment"), new OtpErlangLong(5))));
    say("replied", genCall(self, node, "counter", peer, atom("get")));

    OtpErlangObject[] prices = {new OtpErlangLong(1000), new OtpErlangLong(2)};
    OtpErlangObject args = new OtpErlangList(new OtpErlangObject[] {new OtpErlangList(prices)});
    self.send("rex", peer, tuple(self.self(), tuple(atom("call"), atom("shop"), atom("total"), args, atom("user"))));
    say("rpc", ((OtpErlangTuple) receive(self)).elementAt(1));

    byte[] large = new byte[LARGE];
    for (int i = 0; i < LARGE; i++) large[i] = (byte) (i * 31 + i / 251);
    self.send("echo", peer, tuple(self.self(), new OtpErlangBinary(large)));
    byte[] back = ((OtpErlangBinary) receive(self)).binaryValue();
    System.out.println("large " + (Arrays.equals(large, back) ? "equal" : "different"));

    // A process of theirs, linked to: its end ends us, unless we catch it.
    self.send("maker", peer, self.self());
    OtpErlangPid made = (OtpErlangPid) receive(self);
    self.link(made);
    self.send(made, atom("end"));
    try {
      System.out.println("received " + receive(self));
    } catch (OtpErlangExit exit) {
      System.out.println("exit " + exit.reason() + " " + exit.pid().equals(made));
    }
    // One that is not there (the one above), and one that is linked and unlinked.
    try {
      self.link(made);
      receive(self);
    } catch (OtpErlangExit exit) {
      System.out.println("exit " + exit.reason());
    }
    self.send("maker", peer, self.self());
    OtpErlangPid other = (OtpErlangPid) receive(self);
    self.link(other);
    self.unlink(other);
    self.send(other, atom("end"));
    say("replied", genCall(self, node, "counter", peer, atom("get")));
    System.out.println("done");
  }

  /** {@code {'$gen_call', {Pid, Tag}, Request}} is answered; {@code {whoami, Pid}}, {@code {exit, Pid, Reason}} and {@code stop} are done. */
  private static void serve(OtpNode node) throws Exception {
    OtpMbox self = node.createMbox("java");
    OtpErlangAtom stop = new OtpErlangAtom("stop");
    System.out.println("ready");
    for (;;) {
      OtpErlangObject message;
      try {
        message = self.receive();
      } catch (OtpErlangExit exit) {
        System.out.println("exit " + exit.reason());
        continue;
      }
      if (message.equals(stop)) return;
      OtpErlangObject[] parts = message instanceof OtpErlangTuple ? ((OtpErlangTuple) message).elements() : new OtpErlangObject[0];
      String word = parts.length > 0 && parts[0] instanceof OtpErlangAtom ? ((OtpErlangAtom) parts[0]).atomValue() : "";
      if (word.equals("$gen_call")) {
        OtpErlangTuple from = (OtpErlangTuple) parts[1];
        self.send((OtpErlangPid) from.elementAt(0), tuple(from.elementAt(1), tuple(atom("answered"), parts[2])));
      } else if (word.equals("whoami")) self.send((OtpErlangPid) parts[1], self.self());
      else if (word.equals("exit")) {
        OtpMbox other = node.createMbox();
        other.link((OtpErlangPid) parts[1]);
        other.exit(parts[2]);
      } else say("told", message);
    }
  }
}
