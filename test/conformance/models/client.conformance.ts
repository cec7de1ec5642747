import type { ReferenceModels } from "@gatehouse/reference-models";
import { expect, test } from "vitest";

/** What can be made to go wrong at a server. */
export type Switches = ReferenceModels["failures"]["detect"];

/** A client of any model, and what stands behind it. */
export interface UnderTest<C> {
  client: C;
  /** Null where the model needs no server. */
  switches: Switches | null;
  /** Ends the client and all that stands behind it. */
  stop(): Promise<void>;
}

/** Makes a client, and a server of its own without switched failures. */
export type Open<C> = (options?: { timeout_ms?: number }) => Promise<UnderTest<C>>;

export interface Promised<C> {
  /** `embed() of tei` */
  name: string;
  open: Open<C>;
  /** Asks once; the same question each time. */
  ask(client: C, signal: AbortSignal): Promise<unknown>;
  /** `EMBEDDER`: the beginning of the codes of its own errors. */
  prefix: string;
  dependency: string;
}

interface Client {
  probe(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** What every client of every model promises, whatever stands behind it. */
export function keepsThePromises<C extends Client>({ name, open, ask, prefix, dependency }: Promised<C>): void {
  test(`${name} gives the same answer to the same question, also to many at once`, async () => {
    const { client, stop } = await open();
    await client.probe(never);
    const first = await ask(client, never);
    const many = await Promise.all(Array.from({ length: 20 }, () => ask(client, never)));
    await stop();
    for (const answer of many) expect(answer).toEqual(first);
  });

  test(`${name} throws the signal's reason, before and while it is asked`, async () => {
    const { client, stop } = await open();
    await expect(ask(client, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
    const caller = new AbortController();
    const asked = ask(client, caller.signal);
    caller.abort(new Error("not wanted any more"));
    await expect(asked).rejects.toThrow("not wanted any more");
    await ask(client, never);
    await stop();
  });

  test(`${name} fails after close(), which may be called again`, async () => {
    const { client, stop } = await open();
    await ask(client, never);
    await client.close();
    await client.close();
    await expect(ask(client, never)).rejects.toMatchObject({ code: `${prefix}_DOWN`, retry: "later", dependency });
    await stop();
  });
}

/** What a client promises of a server that fails. */
export function staysTyped<C extends Client>({ name, open, ask, prefix, dependency }: Promised<C>): void {
  test.each<[string, Partial<Switches>, object]>([
    ["out of memory", { out_of_memory: true }, { code: `${prefix}_DOWN`, retry: "later", dependency }],
    ["too busy", { error_rate: 1, status: 429 }, { code: "MODEL_BUSY", retry: "later", dependency: null }],
    ["broken", { error_rate: 1, status: 500 }, { code: "MODEL_ANSWER", retry: "unknown" }],
    ["talking nonsense", { garbage: true }, { code: "MODEL_ANSWER", retry: "unknown" }],
  ])(
    `${name} says what is wrong with a server that is %s, and is well when the server is`,
    async (_, failure, wanted) => {
      const { client, switches, stop } = await open();
      const before = { ...switches! };
      Object.assign(switches!, failure);
      await expect(ask(client, never)).rejects.toMatchObject(wanted);
      Object.assign(switches!, before);
      await ask(client, never);
      await stop();
    },
  );

  test(`${name} gives up on a server that never answers`, async () => {
    const { client, switches, stop } = await open({ timeout_ms: 100 });
    switches!.hang = true;
    await expect(ask(client, never)).rejects.toMatchObject({ code: "MODEL_TIMEOUT", retry: "later", dependency: null });
    await stop();
  });
}
