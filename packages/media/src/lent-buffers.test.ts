import { expect, test } from "vitest";
import { LentBuffers } from "./lent-buffers.ts";

test("lend() lends at most so many buffers at a time, in order, and the same ones again", async () => {
  const buffers = new LentBuffers(2);
  const begun: number[] = [];
  const open: (() => void)[] = [];
  const seen: Buffer[] = [];
  const loans = [10, 20, 15, 5].map((bytes, n) =>
    buffers.lend(bytes, async (buffer) => {
      begun.push(n);
      seen[n] = buffer;
      await new Promise<void>((resolve) => {
        open[n] = resolve;
      });
      return buffer.length;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  open[1]!();
  expect(await loans[1]).toBe(20);
  expect(begun).toEqual([0, 1, 2]);
  expect(seen[2]).toBe(seen[1]);
  open[0]!();
  await loans[0];
  open[2]!();
  open[3]!();
  expect(await Promise.all(loans)).toEqual([10, 20, 20, 10]);
});

test("lend() takes a buffer back from work that fails", async () => {
  const buffers = new LentBuffers(1);
  await expect(buffers.lend(1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await buffers.lend(1, async () => "yes")).toBe("yes");
});
