import { expect, test } from "vitest";
import type { Calling } from "./calling.ts";
import { type Answer, json, startTestServer } from "./test-server.ts";

/** A client over HTTP, as the suite needs it. */
export interface Misused {
  /** `embed() of tei` */
  name: string;
  /** Asks a server once, with a client that lives as long as the question. */
  ask(url: string, options: { timeout_ms: number; calling: Partial<Calling> }): Promise<unknown>;
  /** `DETECTOR`: the beginning of the codes of its own errors. */
  prefix: string;
  /** Beginning of every message. */
  action: string;
  /** The dependency that is down. */
  dependency: string;
  /** Bodies of a 200 that are JSON and not what was asked for, and what is said of them. */
  wrong: readonly (readonly [what: string, body: unknown, message: string])[];
}

const calling = { tries: 2, first_delay_ms: 1, answer_bytes: 100_000 };
const text = (body: string): Answer => {
  return (_, response) => response.writeHead(200, { "content-type": "text/html" }).end(body);
};

/** What every client over HTTP makes of a server that misbehaves: typed errors that name the server, and bounded waits. */
export function staysCalm(client: Misused): void {
  saysWhatWasWanted(client);
  knowsStatuses(client);
  givesUp(client);
}

async function failureOf(answer: Answer, { ask, action }: Misused, timeout_ms = 10_000) {
  await using server = await startTestServer(answer);
  const failure = await ask(server.url, { timeout_ms, calling }).then(
    (value) => expect.unreachable(`answered ${JSON.stringify(value)}`),
    (error) => error,
  );
  expect(failure.message).toContain(`Cannot ${action}`);
  expect(failure.facts).toMatchObject({ server: server.host });
  return { failure, requests: server.requests.filter(({ method }) => method === "POST").length };
}

function saysWhatWasWanted(client: Misused): void {
  test.each<[string, Answer, string]>([
    ["no JSON", text("<h1>It works</h1>"), 'the answer must be JSON: current value is "<h1>It works</h1>"'],
    ["nothing", text(""), 'the answer must be JSON: current value is ""'],
    ["an error under a 200", text('{"error":"out of memory"}'), 'it is the error "out of memory"'],
    [
      "a bare 500",
      (_, response) => json(response, { detail: "CUDA" }, { status: 500 }),
      'the status must be 200: current value is 500 "CUDA"',
    ],
    [
      "half an answer",
      (_, response) => response.writeHead(200, { "content-length": "100" }).write("[[0.", () => response.destroy()),
      "the answer must be whole",
    ],
    ["too much", text("x".repeat(100_001)), "the answer must be at most 100000 bytes"],
    ...client.wrong.map(([what, body, message]): [string, Answer, string] => [
      what,
      text(typeof body === "string" ? body : JSON.stringify(body)),
      message,
    ]),
  ])(`${client.name} says what was wanted when the server gives %s`, async (_, answer, message) => {
    const { failure, requests } = await failureOf(answer, client);
    expect(failure).toMatchObject({ code: "MODEL_ANSWER", retry: "unknown" });
    expect(failure.message).toContain(message);
    expect(requests).toBe(1);
  });
}

/** What every client over HTTP makes of the statuses that are not 200. */
export function knowsStatuses(client: Misused): void {
  const [down, auth] = [`${client.prefix}_DOWN`, `${client.prefix}_AUTH`];
  test.each([
    [400, "MODEL_REFUSED", "never", 1],
    [413, "MODEL_REFUSED", "never", 1],
    [415, "MODEL_REFUSED", "never", 1],
    [422, "MODEL_REFUSED", "never", 1],
    [401, auth, "later", 1],
    [403, auth, "later", 1],
    [404, down, "later", 1],
    [307, down, "later", 1],
    [502, down, "later", 1],
    [429, "MODEL_BUSY", "later", 2],
    [503, down, "later", 2],
  ])(`${client.name} turns status %i into %s, retry %s, after %i requests`, async (status, code, retry, tries) => {
    const headers = { location: "/elsewhere" };
    const answer: Answer = (_, response) => json(response, { error: "no" }, { status, headers });
    const { failure, requests } = await failureOf(answer, client);
    expect(failure).toMatchObject({ code, retry, facts: { status } });
    expect(requests).toBe(tries);
  });
}

/** How every client over HTTP bounds its waits. */
export function givesUp(client: Misused): void {
  const { name, prefix, dependency } = client;

  test(`${name} tries again when the socket is closed before an answer`, async () => {
    const { failure, requests } = await failureOf((request) => request.socket.destroy(), client);
    expect(failure).toMatchObject({ code: `${prefix}_DOWN`, dependency });
    expect(requests).toBe(2);
  });

  test(`${name} gives up on a server that never answers`, async () => {
    const { failure } = await failureOf(() => {}, client, 50);
    expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", retry: "later", dependency: null });
  });

  test(`${name} gives up on a server that sends a byte now and then`, async () => {
    const dripping: Answer = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    };
    const { failure } = await failureOf(dripping, client, 100);
    expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", facts: { timeout_ms: 100 } });
  });
}
