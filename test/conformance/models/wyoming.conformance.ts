import { expect, test } from "vitest";
import type { Promised, Switches } from "./client.conformance.ts";

const never = new AbortController().signal;

/** What a client promises of a Wyoming server that fails: the protocol tells errors in words, without kinds. */
export function staysTypedOverWyoming<C>({ name, open, ask }: Promised<C>): void {
  test.each<[string, Partial<Switches>, string]>([
    ["out of memory", { out_of_memory: true }, 'it must answer: it says "CUDA out of memory'],
    ["broken", { error_rate: 1 }, 'it must answer: it says "Cannot answer as a failure switch is on"'],
    ["talking nonsense", { garbage: true }, 'the answer must be JSON: current value is "<<<not json"'],
  ])(
    `${name} says what is wrong with a server that is %s, and is well when the server is`,
    async (_, failure, message) => {
      const { client, switches, stop } = await open();
      const before = { ...switches! };
      Object.assign(switches!, failure);
      const wanted = { code: "MODEL_ANSWER", message: expect.stringContaining(message) };
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
