import { expect, test } from "vitest";
import { PostgresDownError, StoreBusyError } from "./errors.ts";
import { type GatherOptions, gather } from "./gather.ts";

function setup(options: Partial<GatherOptions<string, string>> = {}) {
  const groups: string[][] = [];
  const open: (() => void)[] = [];
  const held = async (items: readonly string[]) => {
    groups.push([...items]);
    await new Promise<void>((resolve) => open.push(resolve));
    return items.map((item) => item.toUpperCase());
  };
  const sent = async (count: number) => {
    while (groups.length < count) await turn();
  };
  return { write: gather({ name: "letters", flights: 1, write: held, ...options }), groups, open, sent };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("gather() sends an item at once when idle, and together what came meanwhile", async () => {
  const { write, groups, open, sent } = setup();
  const a = write("a");
  await sent(1);
  expect(groups).toEqual([["a"]]);
  const rest = [write("b"), write("c")];
  await turn();
  expect(groups).toEqual([["a"]]);
  open[0]!();
  expect(await a).toBe("A");
  await sent(2);
  expect(groups).toEqual([["a"], ["b", "c"]]);
  open[1]!();
  expect(await Promise.all(rest)).toEqual(["B", "C"]);
});

test("gather() never sends more than `most` together", async () => {
  const { write, groups, open, sent } = setup({ most: 2 });
  const all = [write("a"), write("b"), write("c")];
  await sent(1);
  open[0]!();
  await Promise.all(all.slice(0, 2));
  await sent(2);
  open[1]!();
  await Promise.all(all);
  expect(groups).toEqual([["a", "b"], ["c"]]);
});

test("gather() refuses at once what does not fit the queue", async () => {
  const { write, open, sent } = setup({ queue: 2 });
  const kept = [write("a"), write("b")];
  await expect(write("c")).rejects.toBeInstanceOf(StoreBusyError);
  await sent(1);
  open[0]!();
  expect(await Promise.all(kept)).toEqual(["A", "B"]);
});

test("gather() fails only the bad item of a statement", async () => {
  const write = gather<string, string>({
    name: "letters",
    write: async (items) => {
      if (items.includes("bad")) throw new TypeError("bad item");
      return items;
    },
  });
  const results = await Promise.allSettled(["a", "b", "bad", "c", "d"].map(write));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
});

test("gather() fails what waits when Postgres is down, and goes on afterwards", async () => {
  let down = true;
  let asked = 0;
  const write = gather<string, string>({
    name: "letters",
    most: 1,
    flights: 1,
    write: async (items) => {
      asked++;
      if (down) throw new PostgresDownError("Cannot ask Postgres");
      return items;
    },
  });
  const results = await Promise.allSettled(["a", "b", "c"].map(write));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(asked).toBe(1);
  down = false;
  expect(await write("d")).toBe("d");
});

test("gather() leaves nobody waiting when Postgres goes down between the halves of a bad statement", async () => {
  let calls = 0;
  const write = gather<string, string>({
    name: "letters",
    write: async () => {
      throw ++calls === 1 ? new TypeError("bad item") : new PostgresDownError("Cannot ask Postgres");
    },
  });
  const results = await Promise.allSettled(["a", "b", "c", "d"].map(write));
  for (const result of results) expect(result).toMatchObject({ reason: { code: "POSTGRES_DOWN" } });
});
