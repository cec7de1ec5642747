import { PassThrough, Readable } from "node:stream";
import { stripVTControlCharacters as strip } from "node:util";
import { expect, test } from "vitest";
import { type Sent, TestGateway } from "../gateway/gateway.testing.ts";
import { type Ran, runCommand } from "../run-command.testing.ts";

const sources = [{ id: "p-1", text: "# Gate\nAsk Ada", score: 0.93, uri: "file:///house/notes/gate.md" }];
const model = { name: "qwen3", version: "1", backend: "openai" };
const usage = { prompt_tokens: 7, completion_tokens: 3 };
const fault = { code: "MODEL_DOWN", message: "Cannot ask model", retryable: true };

interface World {
  gateway: TestGateway;
  /** Runs `gatehouse chat …`. */
  chat(args: string[], own?: Parameters<typeof runCommand>[1]): Promise<Ran>;
  /** The next question that arrives. */
  asked(): Promise<Sent["data"]>;
  /** Writes a whole answer. */
  say(request_id: string, ...words: string[]): void;
  /** What clients published, by the last token of the subject, until there is one of this kind. */
  published(kind: string): Promise<Sent>;
}

async function setup(): Promise<World> {
  const gateway = await TestGateway.start();
  const env = { GATEHOUSE_URL: gateway.access.url, GATEHOUSE_KEY: gateway.access.key };
  const published = async (kind: string): Promise<Sent> => {
    for (;;) {
      const sent = await gateway.sent.take();
      if (sent.op === "publish" && sent.subject.endsWith(`.${kind}`)) return sent;
    }
  };
  return {
    gateway,
    published,
    chat: (args, own = {}) => runCommand(["chat", ...args], { env, cwd: "/house", ...own }),
    asked: async () => (await published("message")).data,
    say(request_id, ...words) {
      const parts = [
        { type: "sources", sources },
        ...words.map((content) => ({ type: "chunk", content })),
        { type: "done", done: true, model, usage, timings: { ttft_ms: 412, tokens_per_s: 38 } },
      ];
      for (const [seq, part] of parts.entries()) gateway.answer(request_id, seq, part);
    },
  };
}

/** A terminal that a test types at, and what stands on it. */
function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const shown = { text: "", wake: () => {} };
  const out = {
    isTTY: true,
    columns: 80,
    env: {},
    write(text: string) {
      shown.text += strip(text);
      shown.wake();
    },
  };
  /** Waits until a text stands there, after what was waited for before. */
  let read = 0;
  const shows = async (wanted: string): Promise<void> => {
    const limit = AbortSignal.timeout(20_000);
    while (!shown.text.includes(wanted, read)) {
      await new Promise<void>((resolve, reject) => {
        shown.wake = resolve;
        limit.onabort = () => reject(new Error(`It does not show "${wanted}" but ${shown.text.slice(read)}`));
      });
    }
    read = shown.text.indexOf(wanted, read) + wanted.length;
  };
  return { stdin, out, shows };
}

test("chat with a question answers on standard output, with its sources on the other", async () => {
  const { chat, asked, say } = await setup();
  const ran = chat(["Who", "came?", "--session", "s-1", "--collection", "house", "--top-k", "3"]);
  const question = await asked();
  expect(question).toMatchObject({
    message: "Who came?",
    user_id: "ada",
    session_id: "s-1",
    collection: "house",
    top_k: 3,
    enable_rag: true,
    enable_reranker: false,
  });
  say(question.request_id, "Ask ", "Ada [1].");
  expect(await ran).toEqual({ code: 0, out: "Ask Ada [1].\n", err: "  [1] notes/gate.md  # Gate\n" });
});

test("chat --json gives one object; - reads the question, --no-rag looks into nothing", async () => {
  const { chat, asked, say } = await setup();
  const ran = chat(["-", "--json", "--no-rag", "--rerank"], {
    stdin: Readable.from([Buffer.from("What is "), Buffer.from("it?\n")]),
  });
  const question = await asked();
  expect(question).toMatchObject({ message: "What is it?\n", enable_rag: false, enable_reranker: true });
  say(question.request_id, "Nothing.");
  const { code, out, err } = await ran;
  expect([code, err]).toEqual([0, ""]);
  const { request_id } = question;
  expect(JSON.parse(out)).toEqual({ request_id, response: "Nothing.", sources, model, usage });
});

test("chat ends with 1 after an error, and chat retry asks for the same answer again", async () => {
  const { gateway, chat, asked } = await setup();
  const ran = chat(["Who came?"]);
  const { request_id } = await asked();
  gateway.answer(request_id, 0, { type: "chunk", content: "A d" });
  gateway.answer(request_id, 1, { type: "error", ...fault });
  const hint = `gatehouse chat retry ${request_id} asks for it again\n`;
  expect(await ran).toEqual({ code: 1, out: "A d\n", err: `MODEL_DOWN: Cannot ask model\n${hint}` });

  gateway.routes[`POST /api/chat/answers/${request_id}/retry`] = () => {
    gateway.answer(request_id, 2, { type: "handover", mode: "restarted" });
    gateway.answer(request_id, 3, { type: "chunk", content: "A cat" });
    gateway.answer(request_id, 4, { type: "error", ...fault });
    return [202, {}];
  };
  const again = await chat(["retry", request_id, "--json"]);
  expect(again.code).toBe(1);
  expect(JSON.parse(again.out)).toMatchObject({ request_id, response: "A cat", error: fault });
});

test("chat ends with 2 when it is not understood, before anything is asked", async () => {
  const { chat } = await setup();
  for (const args of [["--json"], [" "], ["-"], ["hi", "--top-k", "0"], ["hi", "--session", "a b"], ["retry", "a b"]])
    expect([args, (await chat(args)).code]).toEqual([args, 2]);
});

test("chat with a key of nobody says how to make one", async () => {
  const { gateway, chat } = await setup();
  gateway.routes["GET /api/session"] = () => [200, { role: "viewer", user_id: null }];
  expect(await chat(["hi"])).toMatchObject({ code: 1, err: expect.stringContaining("gatehouse keys create --user") });
});

test("a chat whose input is no terminal asks line by line, until the input ends", async () => {
  const { chat, asked, say } = await setup();
  const ran = chat([], { stdin: Readable.from([Buffer.from("one\n/new\ntwo\n")]) });
  const one = await asked();
  say(one.request_id, "First.");
  const two = await asked();
  expect([one.message, one.session_id, two.message, two.session_id]).toEqual([
    "one",
    undefined,
    "two",
    expect.stringMatching(/^s-[0-9a-f]{12}$/),
  ]);
  say(two.request_id, "Second.");
  const { code, out } = await ran;
  expect(code).toBe(0);
  expect(out).toBe(
    `First.\n\n  [1] notes/gate.md  # Gate\n  qwen3 · 3 tokens · first word after 0.4 s · 38 tokens/s\nConversation ${two.session_id}\nSecond.\n\n  [1] notes/gate.md  # Gate\n  qwen3 · 3 tokens · first word after 0.4 s · 38 tokens/s\n`,
  );
});

test("a chat greets, streams, lists sources, tries again, and Ctrl-D leaves", async () => {
  const { gateway, chat, asked, published } = await setup();
  const { stdin, out, shows } = terminal();
  const ran = chat([], { stdin, out });
  expect((await published("login")).data).toEqual({ user_id: "ada", session_id: "ada" });
  const event = { event_id: "gate.f-1", camera_id: "gate", started_at_ms: 1, summary: "A van", score: 70 };
  const text = "Welcome back, Ada";
  gateway.publish("ai.chat.user.ada.greeting.ada", { user_id: "ada", text, since_ms: 1, events: [event] });
  await shows("Welcome back, Ada\n");
  await shows("A van");
  stdin.write("Who came?\r");
  const { request_id } = await asked();
  await shows("… thinking");
  gateway.answer(request_id, 0, { type: "sources", sources });
  gateway.answer(request_id, 1, { type: "chunk", content: "Ask" });
  await shows("Ask");
  gateway.answer(request_id, 2, { type: "error", ...fault });
  await shows("MODEL_DOWN: Cannot ask model\n/retry asks for it again\n");
  gateway.routes[`POST /api/chat/answers/${request_id}/retry`] = () => {
    gateway.answer(request_id, 3, { type: "handover", mode: "continued" });
    gateway.answer(request_id, 4, { type: "chunk", content: "Ada" });
    gateway.answer(request_id, 5, { type: "sources", sources });
    gateway.answer(request_id, 6, { type: "done", done: true, model, usage });
    return [202, {}];
  };
  stdin.write("/retry\r");
  await shows("Ada\n\n  [1] notes/gate.md  # Gate\n");
  stdin.write("/sources\r");
  await shows("Ask Ada\n");
  stdin.end("\u0004");
  expect((await ran).code).toBe(0);
});

test("Ctrl-C and /cancel cancel an answer, Ctrl-C at the prompt leaves", async () => {
  const { gateway, chat, asked, published } = await setup();
  const { stdin, out, shows } = terminal();
  const ran = chat([], { stdin, out });
  for (const keys of ["\u0003", "/cancel\r"]) {
    await shows("› ");
    stdin.write("Tell me all\r");
    const { request_id } = await asked();
    gateway.answer(request_id, 0, { type: "chunk", content: "Long ago" });
    await shows("Long ago");
    stdin.write(keys);
    expect((await published("cancel")).data).toEqual({ request_id, user_id: "ada" });
    gateway.answer(request_id, 1, { type: "error", code: "CANCELLED", message: "", retryable: false });
    await shows("\n(cancelled)\n");
  }
  await shows("› ");
  stdin.write("\u0003");
  expect((await ran).code).toBe(0);
});

test("a chat says that the gateway is away, and goes on when it is back", async () => {
  const { gateway, chat, asked } = await setup();
  const { stdin, out, shows } = terminal();
  const ran = chat([], { stdin, out });
  stdin.write("Who came?\r");
  const { request_id } = await asked();
  gateway.answer(request_id, 0, { type: "chunk", content: "A " });
  await shows("A ");
  gateway.away = true;
  gateway.drop();
  await shows("The connection is lost; trying again\n");
  gateway.away = false;
  gateway.answer(request_id, 1, { type: "chunk", content: "dog." });
  gateway.answer(request_id, 2, { type: "done", done: true, model, usage });
  await shows("Connected again; going on\n");
  await shows("dog.\n");
  stdin.write("/quit\r");
  expect((await ran).code).toBe(0);
});

test("a chat remembers what was asked before in the conversation, and switches it", async () => {
  const { gateway, chat, asked, say } = await setup();
  const message = (role: string, content: string, at_ms: number) => ({ role, content, at_ms, request_id: "r" });
  const items = [message("assistant", "Nobody", 2), message("user", "Who came yesterday?", 1)];
  gateway.routes["GET /api/chat/sessions/ada/messages"] = () => [200, { items, next_cursor: null }];
  const session = { session_id: "garden", turns: 2, last_at_ms: 1 };
  const error = { code: "POSTGRES_DOWN", message: "Cannot reach Postgres", retryable: false };
  gateway.routes["GET /api/chat/sessions"] = () => [500, { error }];
  const { stdin, out, shows } = terminal();
  const ran = chat([], { stdin, out });
  await shows("› ");
  stdin.write("\u001b[A\r");
  const first = await asked();
  expect(first).toMatchObject({ message: "Who came yesterday?" });
  say(first.request_id, "Nobody.");
  await shows("Nobody.");
  stdin.write("/session\r");
  await shows("Cannot reach Postgres\n");
  gateway.routes["GET /api/chat/sessions"] = () => [200, { items: [session], next_cursor: null }];
  stdin.write("/session\r");
  await shows("garden");
  stdin.write("/session garden\r/rag off\r");
  await shows("Documents and events are not looked into");
  stdin.write("And now?\r");
  const second = await asked();
  expect(second).toMatchObject({ session_id: "garden", enable_rag: false });
  say(second.request_id, "Still nobody.");
  await shows("Still nobody.");
  stdin.write("/session nobody's\r/nope\r/help\r");
  await shows("is no id of a conversation");
  await shows("There is no /nope");
  await shows("/retry");
  stdin.end("\u0004");
  expect((await ran).code).toBe(0);
});
