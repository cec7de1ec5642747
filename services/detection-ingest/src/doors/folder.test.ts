import { isFrameId } from "@gatehouse/events";
import { expect, test } from "vitest";
import { type FoundFile, fileFrameId, kindOf } from "./file-names.ts";
import { FolderFaults } from "./folder-faults.ts";
import { Stability } from "./stability.ts";
import { Troubles } from "./troubles.ts";
import { Turns } from "./turns.ts";

const file = (name: string, own: Partial<FoundFile> = {}): FoundFile => ({
  name,
  kind: "picture",
  size: 20_000,
  mtime_ms: 1_000,
  ...own,
});

test.each([
  ["a.jpg", "picture"],
  ["A.JPEG", "picture"],
  ["b.Png", "picture"],
  ["c.webp", "picture"],
  ["d.MP4", "video"],
  ["e.mkv", "video"],
  ["f.avi", "video"],
  ["g.mov", "video"],
  [".hidden.jpg", null],
  ["h.jpg.part", null],
  ["i.jpg.tmp", null],
  ["j.txt", null],
  ["jpg", null],
  ["..", null],
])("kindOf(%j) is %j", (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

test("fileFrameId() is the same for the same file and another for another path, size or time", () => {
  const id = fileFrameId("Front Door", file("x.jpg"));
  expect(id).toMatch(/^x-[0-9a-f]{16}$/);
  expect(fileFrameId("Front Door", file("x.jpg"))).toBe(id);
  const others = [
    fileFrameId("Back Door", file("x.jpg")),
    fileFrameId("Front Door", file("x.png")),
    fileFrameId("Front Door", file("x.jpg", { size: 20_001 })),
    fileFrameId("Front Door", file("x.jpg", { mtime_ms: 1_001 })),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

test.each(["ü ber/..%2f.jpg", `${"n".repeat(250)}.jpg`, "图片.png", "a b\n.jpg", "..jpg"])(
  "fileFrameId() makes an id of %j, with room for a video's time",
  (name) => {
    expect(isFrameId(`${fileFrameId("cam", file(name))}.9000`)).toBe(true);
  },
);

test("Stability calls a file stable when size and time did not change for long enough", () => {
  const stability = new Stability(2_000);
  stability.look([file("a.jpg")], new Map(), 0);
  expect(stability.nextIn(0)).toBe(2_000);
  stability.look([file("a.jpg", { size: 30_000 })], new Map(), 1_000);
  expect(stability.stable(2_500)).toEqual([]);
  expect(stability.nextIn(2_500)).toBe(500);
  stability.look([file("a.jpg", { size: 30_000 })], new Map(), 2_000);
  expect(stability.stable(3_000).map(({ size }) => size)).toEqual([30_000]);
  expect(stability.nextIn(3_000)).toBe(Number.POSITIVE_INFINITY);
  stability.look([file("a.jpg", { size: 30_000, mtime_ms: 9 })], new Map(), 3_000);
  expect(stability.stable(3_000)).toEqual([]);
});

test("Stability counts from when the system told of the change, not from the look that saw it", () => {
  const stability = new Stability(2_000);
  stability.look([file("a.jpg")], new Map([["a.jpg", 100]]), 500);
  expect(stability.stable(2_100)).toHaveLength(1);
  stability.look([file("a.jpg")], new Map([["a.jpg", 1_900]]), 2_000);
  expect(stability.stable(2_100)).toEqual([]);
  expect(stability.stable(3_900)).toHaveLength(1);
});

test("Stability forgets what is gone and gives the oldest first", () => {
  const stability = new Stability(10);
  stability.look([file("gone.jpg"), file("b.jpg")], new Map(), 0);
  stability.look([file("c.jpg"), file("b.jpg"), file("old.jpg", { mtime_ms: 5 })], new Map(), 1);
  expect(stability.stable(20).map(({ name }) => name)).toEqual(["old.jpg", "b.jpg", "c.jpg"]);
});

test("FolderFaults tells a fault once, and again when it changed", () => {
  const faults = new FolderFaults();
  expect([faults.set("root", "gone"), faults.set("root", "gone"), faults.set("root", "back")]).toEqual([
    true,
    false,
    true,
  ]);
  expect(faults.reasons()).toEqual(["back"]);
  faults.clear("root");
  expect(faults.reasons()).toEqual([]);
});

test("Troubles leaves a file alone for 30 s and forgets it when it is gone by then", () => {
  const troubles = new Troubles();
  const why = { code: "EACCES", message: "permission denied" };
  expect(troubles.add("a.jpg", why, 0)).toBe(true);
  expect([troubles.waits("a.jpg", 29_999), troubles.waits("a.jpg", 30_000)]).toEqual([true, false]);
  expect(troubles.add("a.jpg", why, 30_000)).toBe(false);
  expect(troubles.tries("a.jpg")).toBe(2);
  expect(troubles.sentence("cam")).toBe(
    '1 file of folder "cam" cannot be taken in yet, as "a.jpg": EACCES: permission denied',
  );
  troubles.keepOnly(new Set(), 59_999);
  expect(troubles.tries("a.jpg")).toBe(2);
  troubles.keepOnly(new Set(), 60_000);
  expect(troubles.sentence("cam")).toBeNull();
});

test("Troubles holds at most 10,000 files", () => {
  const troubles = new Troubles();
  for (let i = 0; i <= 10_000; i++) troubles.add(`${i}.jpg`, { code: "EIO", message: "" }, 0);
  expect([troubles.tries("0.jpg"), troubles.tries("1.jpg"), troubles.tries("10000.jpg")]).toEqual([0, 1, 1]);
});

test("Turns lets so many work at a time, and goes on after one that failed", async () => {
  const turns = new Turns(2);
  let working = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    most = Math.max(most, ++working);
    await new Promise(setImmediate);
    working--;
    if (fails) throw new Error("failed");
  };
  const all = [true, false, true, false, false].map((fails) => turns.run(() => work(fails)));
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([false, true, false, true, true]);
  expect(most).toBe(2);
});
