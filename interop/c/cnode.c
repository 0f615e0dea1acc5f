/*
 * A C node on Erlang's own C library (ei), for interop/test/cnode.test.ts: two programs in one.
 *
 *     cnode call  NAME COOKIE PEER     connects to PEER, asks its processes, says what came back, and ends
 *     cnode serve NAME COOKIE          is connected to, says "ready", answers calls, says what it is told, until told `stop`
 *
 * Terms are said in hex: the test reads them with Umbel's own codec, and knows what they should be. That `ei` itself can
 * read them is checked here, by skipping over each: `unreadable` is said of what it cannot.
 */
#include <ei.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ei_cnode node;

static void die(const char *what) {
  printf("failed %s (erl_errno %d)\n", what, erl_errno);
  exit(1);
}

/* Says a term, without its version byte, and whether ei can read it to its end. */
static void say_term(const char *word, const char *buf, int from, int to) {
  int index = from, readable = ei_skip_term(buf, &index) == 0 && index == to;
  printf("%s %s", word, readable ? "" : "unreadable ");
  for (int i = from; i < to; i++) printf("%02x", (unsigned char)buf[i]);
  printf("\n");
}

static void init(const char *full, const char *cookie) {
  char alive[MAXNODELEN + 1], host[MAXNODELEN + 1];
  const char *at = strchr(full, '@');
  if (at == NULL) die("the name of the node");
  snprintf(alive, sizeof alive, "%.*s", (int)(at - full), full);
  snprintf(host, sizeof host, "%s", at + 1);
  struct in_addr address = {htonl(INADDR_LOOPBACK)};
  if (ei_connect_xinit(&node, host, alive, full, &address, cookie, (short)getpid()) < 0) die("ei_connect_xinit");
}

/* The next message that is none of the ticks. */
static int receive(int fd, erlang_msg *msg, ei_x_buff *x) {
  for (;;) {
    x->index = 0;
    int got = ei_xreceive_msg_tmo(fd, msg, x, 20000);
    if (got != ERL_TICK) return got;
  }
}

/* {call, From, Term} to the process `echo`, and the answer. */
static void echo(int fd, ei_x_buff *term) {
  ei_x_buff out, in;
  erlang_msg msg;
  ei_x_new_with_version(&out);
  ei_x_encode_tuple_header(&out, 2);
  ei_x_encode_pid(&out, ei_self(&node));
  ei_x_append(&out, term);
  if (ei_reg_send(&node, fd, "echo", out.buff, out.index) < 0) die("ei_reg_send");
  ei_x_new(&in);
  if (receive(fd, &msg, &in) != ERL_MSG) die("receive");
  int version, at = 0;
  ei_decode_version(in.buff, &at, &version);
  say_term("echoed", in.buff, at, in.index);
  ei_x_free(&out);
  ei_x_free(&in);
  term->index = 0;
}

/* gen_server:call, by hand: {'$gen_call', {Self, Ref}, Request}, and {Ref, Reply}. */
static void gen_call(int fd, char *name, ei_x_buff *request) {
  ei_x_buff out, in;
  erlang_msg msg;
  erlang_ref ref, got;
  ei_make_ref(&node, &ref);
  ei_x_new_with_version(&out);
  ei_x_encode_tuple_header(&out, 3);
  ei_x_encode_atom(&out, "$gen_call");
  ei_x_encode_tuple_header(&out, 2);
  ei_x_encode_pid(&out, ei_self(&node));
  ei_x_encode_ref(&out, &ref);
  ei_x_append(&out, request);
  if (ei_reg_send(&node, fd, name, out.buff, out.index) < 0) die("ei_reg_send");
  ei_x_new(&in);
  if (receive(fd, &msg, &in) != ERL_MSG) die("receive");
  int version, arity, at = 0;
  if (ei_decode_version(in.buff, &at, &version) || ei_decode_tuple_header(in.buff, &at, &arity) || arity != 2 ||
      ei_decode_ref(in.buff, &at, &got) || ei_cmp_refs(&ref, &got) != 0)
    die("the reply");
  say_term("replied", in.buff, at, in.index);
  ei_x_free(&out);
  ei_x_free(&in);
  request->index = 0;
}

static void rpc(int fd, char *module, char *function, ei_x_buff *args) {
  ei_x_buff in;
  ei_x_new(&in);
  if (ei_rpc(&node, fd, module, function, args->buff, args->index, &in) < 0) die("ei_rpc");
  say_term("rpc", in.buff, 0, in.index);
  ei_x_free(&in);
  args->index = 0;
}

static void call(const char *peer) {
  int fd = ei_connect(&node, (char *)peer);
  if (fd < 0) die("ei_connect");
  printf("connected\n");
  ei_x_buff x;
  ei_x_new(&x);

  ei_x_encode_atom(&x, "an_atom"), echo(fd, &x);
  ei_x_encode_atom_as(&x, "\xc3\xbcmlaut", ERLANG_UTF8, ERLANG_UTF8), echo(fd, &x);
  /* The same atom, as a peer of old would write it. */
  ei_x_encode_atom_as(&x, "\xfcmlaut", ERLANG_LATIN1, ERLANG_LATIN1), echo(fd, &x);
  ei_x_encode_long(&x, -7), echo(fd, &x);
  ei_x_encode_longlong(&x, 9223372036854775807LL), echo(fd, &x);
  ei_x_encode_longlong(&x, -9007199254740993LL), echo(fd, &x);
  unsigned short digits[6] = {0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0x1};
  erlang_big big = {11, 1, digits};
  ei_x_encode_big(&x, &big), echo(fd, &x);
  ei_x_encode_double(&x, 0.1), echo(fd, &x);
  ei_x_encode_double(&x, -1e300), echo(fd, &x);
  ei_x_encode_binary(&x, "text", 4), echo(fd, &x);
  ei_x_encode_binary(&x, "\x00\xff\x80", 3), echo(fd, &x);
  ei_x_encode_bitstring(&x, "\xab\xe0", 0, 11), echo(fd, &x);
  ei_x_encode_string(&x, "a string"), echo(fd, &x);
  ei_x_encode_empty_list(&x), echo(fd, &x);
  ei_x_encode_list_header(&x, 2), ei_x_encode_long(&x, 1), ei_x_encode_long(&x, 300), ei_x_encode_empty_list(&x),
      echo(fd, &x);
  ei_x_encode_map_header(&x, 2), ei_x_encode_atom(&x, "key"), ei_x_encode_long(&x, 1), ei_x_encode_binary(&x, "k", 1),
      ei_x_encode_map_header(&x, 0), echo(fd, &x);
  ei_x_encode_tuple_header(&x, 3), ei_x_encode_boolean(&x, 1), ei_x_encode_boolean(&x, 0),
      ei_x_encode_tuple_header(&x, 0), echo(fd, &x);
  ei_x_encode_pid(&x, ei_self(&node)), echo(fd, &x);
  erlang_ref ref;
  ei_make_ref(&node, &ref);
  ei_x_encode_ref(&x, &ref), echo(fd, &x);

  ei_x_encode_tuple_header(&x, 2), ei_x_encode_atom(&x, "increment"), ei_x_encode_long(&x, 5);
  gen_call(fd, "counter", &x);
  ei_x_encode_atom(&x, "get"), gen_call(fd, "counter", &x);

  ei_x_encode_list_header(&x, 1), ei_x_encode_list_header(&x, 2), ei_x_encode_long(&x, 1000), ei_x_encode_long(&x, 2),
      ei_x_encode_empty_list(&x), ei_x_encode_empty_list(&x);
  rpc(fd, "shop", "total", &x);
  ei_x_encode_empty_list(&x), rpc(fd, "shop", "nosuch", &x);
  ei_x_encode_empty_list(&x), rpc(fd, "erlang", "node", &x);

  /* 20 MiB, there and back. */
  int size = 20 * 1024 * 1024;
  char *large = malloc(size);
  for (int i = 0; i < size; i++) large[i] = (char)(i * 31 + i / 251);
  ei_x_buff out, in;
  erlang_msg msg;
  ei_x_new_with_version(&out);
  ei_x_encode_tuple_header(&out, 2);
  ei_x_encode_pid(&out, ei_self(&node));
  ei_x_encode_binary(&out, large, size);
  if (ei_reg_send(&node, fd, "echo", out.buff, out.index) < 0) die("ei_reg_send of a large binary");
  ei_x_new(&in);
  if (receive(fd, &msg, &in) != ERL_MSG) die("receive of a large binary");
  char *back = malloc(size);
  long length;
  int version, at = 0;
  if (ei_decode_version(in.buff, &at, &version) || ei_decode_binary(in.buff, &at, back, &length)) die("a large binary");
  printf("large %s\n", length == size && memcmp(large, back, size) == 0 ? "equal" : "different");
  printf("done\n");
}

/* Answers {'$gen_call', {Pid, Tag}, Request} with {Tag, {answered, Request}}. */
static int answer(int fd, ei_x_buff *in, int at) {
  int arity, request, tag;
  char word[MAXATOMLEN];
  erlang_pid from;
  if (ei_decode_tuple_header(in->buff, &at, &arity) || arity != 3 || ei_decode_atom(in->buff, &at, word) ||
      strcmp(word, "$gen_call") != 0 || ei_decode_tuple_header(in->buff, &at, &arity) || ei_decode_pid(in->buff, &at, &from))
    return 0;
  tag = at;
  if (ei_skip_term(in->buff, &at)) die("the tag of a call");
  request = at;
  ei_x_buff out;
  ei_x_new_with_version(&out);
  ei_x_encode_tuple_header(&out, 2);
  ei_x_append_buf(&out, in->buff + tag, request - tag);
  ei_x_encode_tuple_header(&out, 2);
  ei_x_encode_atom(&out, "answered");
  ei_x_append_buf(&out, in->buff + request, in->index - request);
  if (ei_send(fd, &from, out.buff, out.index) < 0) die("ei_send");
  ei_x_free(&out);
  return 1;
}

/* {whoami, Pid}: sends Pid our own. */
static int introduce(int fd, ei_x_buff *in, int at) {
  int arity;
  char word[MAXATOMLEN];
  erlang_pid from;
  if (ei_decode_tuple_header(in->buff, &at, &arity) || arity != 2 || ei_decode_atom(in->buff, &at, word) ||
      strcmp(word, "whoami") != 0 || ei_decode_pid(in->buff, &at, &from))
    return 0;
  ei_x_buff out;
  ei_x_new_with_version(&out);
  ei_x_encode_pid(&out, ei_self(&node));
  if (ei_send(fd, &from, out.buff, out.index) < 0) die("ei_send");
  ei_x_free(&out);
  return 1;
}

static void serve(void) {
  int port = 0, version;
  int listener = ei_listen(&node, &port, 5);
  if (listener < 0) die("ei_listen");
  if (ei_publish(&node, port) < 0) die("ei_publish");
  printf("ready\n");
  ErlConnect peer;
  int fd = ei_accept(&node, listener, &peer);
  if (fd < 0) die("ei_accept");
  printf("accepted %s\n", peer.nodename);
  ei_x_buff in;
  ei_x_new(&in);
  for (;;) {
    erlang_msg msg;
    memset(&msg, 0, sizeof msg);
    in.index = 0;
    int got = ei_xreceive_msg(fd, &msg, &in);
    if (got == ERL_TICK) continue;
    if (got != ERL_MSG) {
      printf("lost\n");
      return;
    }
    switch (msg.msgtype) {
    case ERL_SEND:
    case ERL_REG_SEND: {
      int at = 0;
      char word[MAXATOMLEN];
      ei_decode_version(in.buff, &at, &version);
      int start = at;
      if (ei_decode_atom(in.buff, &at, word) == 0 && strcmp(word, "stop") == 0) return;
      if (!answer(fd, &in, start) && !introduce(fd, &in, start)) say_term("told", in.buff, start, in.index);
      break;
    }
    case ERL_LINK: printf("link\n"); break;
    case ERL_UNLINK: printf("unlink\n"); break;
    case ERL_EXIT: {
      printf("exit\n");
      break;
    }
    case ERL_EXIT2: printf("exit2\n"); break;
    default: printf("signal %ld\n", msg.msgtype);
    }
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  ei_init();
  if (argc == 5 && strcmp(argv[1], "call") == 0) {
    init(argv[2], argv[3]);
    call(argv[4]);
  } else if (argc == 4 && strcmp(argv[1], "serve") == 0) {
    init(argv[2], argv[3]);
    serve();
  } else {
    fprintf(stderr, "usage: cnode call NAME COOKIE PEER | cnode serve NAME COOKIE\n");
    return 2;
  }
  return 0;
}
