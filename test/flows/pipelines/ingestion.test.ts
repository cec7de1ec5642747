import { symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { RunningMesh } from "@gatehouse/runtime";
import { retryRun } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type Ingestion, setupIngestion } from "./ingestion.fixture.ts";

let house: Ingestion;
beforeAll(async () => {
  house = await setupIngestion();
});
afterAll(() => house.stop());
beforeEach(async () => {
  await house.world.db.query("truncate documents, passages");
  await house.write({});
});

/** What a run tells as it goes on may come together. */
const LAST = (last: string) => expect.arrayContaining(["submitted", last]);

describe("with two bridges", () => {
  let bridges: RunningMesh[];
  beforeAll(async () => {
    bridges = await Promise.all([house.run(), house.run()]);
  });
  afterAll(async () => {
    await Promise.all(bridges.map((bridge) => bridge.stop()));
  });

  test("a folder that a trigger has taken in is answered from in chat, and taken in again nothing changes", async () => {
    const name = "boiler\n%2F.md";
    await house.write({
      [name]: "# Boiler\n\nThe pressure of the boiler should be between 1.2 and 1.8 bar.",
      "b.jpg": "Picture",
    });
    await house.trigger("r-folder");
    expect(await house.ended("r-folder")).toMatchObject({
      engine: "local",
      state: "succeeded",
      message: "1 document, 1 passage; 1 file of another kind was passed over",
      outputs: { documents: 1, passages: 1, unchanged: 0 },
    });
    expect(await house.statuses("r-folder")).toEqual(LAST("succeeded"));
    const asked = { user_id: "ada", request_id: "q-boiler", session_id: "q-boiler", enable_rag: true };
    const { parts } = await house.chat.hear({ ...asked, message: "What pressure should the boiler have?" });
    expect(parts.map(({ content }) => content).join("")).toContain("between 1.2 and 1.8 bar. [1]");
    expect(parts.find(({ type }) => type === "sources")).toMatchObject({ sources: [{ uri: house.uriOf(name) }] });
    await house.trigger("r-again", { path: name });
    await house.trigger("r-all-again", { path: "." });
    expect(await house.ended("r-again")).toMatchObject({ state: "error", error: { code: "BAD_PARAMETERS" } });
    expect((await house.ended("r-all-again")).outputs).toEqual({ documents: 1, passages: 1, unchanged: 1 });
  });

  test("a run takes in all that it can, fails naming what it could not, and goes on with that when it is tried again", async () => {
    await house.write({ "a.md": "One", "blank.md": " ", "empty.md": "", "huge.md": "Huge", "b.docx": "Two" });
    await truncate(join(house.folder, "huge.md"), 32 * 1024 * 1024 + 1);
    await symlink(join(house.world.dir, "logs"), join(house.folder, "out"));
    await house.trigger("r-faults");
    const { message, ...run } = await house.ended("r-faults");
    expect(run).toMatchObject({ state: "failed", error: { code: "RUN_FAILED", retryable: true } });
    expect(message).toMatch(
      /^2 of 3 documents failed; "blank.md": .*; "huge.md": .*33554433; 1 link was not followed; 1 file of another kind was passed over; 1 empty file was passed over$/,
    );
    expect(await house.documents()).toEqual({ [house.uriOf("a.md")]: "ready", [house.uriOf("blank.md")]: "failed" });
    await house.write({ "a.md": "One", "blank.md": "Two" });
    expect(await house.world.db.transaction((tx) => retryRun(tx, "r-faults"))).toBe("retried");
    expect(await house.ended("r-faults")).toMatchObject({ state: "succeeded", outputs: { documents: 2 } });
    expect(Object.values(await house.documents())).toEqual(["ready", "ready"]);
  });

  test.each([["../logs"], ["nowhere"], ["out"]])("a run of %j fails and takes nothing in", async (path) => {
    await symlink(join(house.world.dir, "logs"), join(house.folder, "out"));
    await house.trigger(`r-${path.replace(/\W/g, "-")}`, { path });
    const run = await house.ended(`r-${path.replace(/\W/g, "-")}`);
    expect(run).toMatchObject({ state: "failed", message: expect.stringContaining("Cannot take in") });
    expect(await house.documents()).toEqual({});
  });

  test("a run that is cancelled puts nothing more", async () => {
    await house.write(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.md`, `Number ${i}`])));
    await house.trigger("r-cancelled");
    await until("some are put", async () => Object.keys(await house.documents()).length > 0);
    await house.cancel("r-cancelled");
    expect(await house.ended("r-cancelled")).toMatchObject({ state: "cancelled" });
    const put = Object.keys(await house.documents());
    expect(put.length).toBeLessThan(60);
    const due = () => house.world.db.query("select 1 from due where kind = 'ingest'");
    await until("nothing is due of it", async () => (await due()).length === 0);
    expect(Object.keys(await house.documents())).toHaveLength(put.length);
  });
});

test("each document is there once, and the end is told once, when bridge after bridge dies, each after another step", async () => {
  await house.write({ "a.md": "One", "b.txt": "Two" });
  await house.trigger("r-deaths");
  for (const step of ["list", "put", "look", "end"]) await house.dieAfter(step);
  const heir = await house.run();
  expect(await house.ended("r-deaths")).toMatchObject({ state: "succeeded", outputs: { documents: 2, passages: 2 } });
  await heir.stop();
  expect(await house.documents()).toEqual({ [house.uriOf("a.md")]: "ready", [house.uriOf("b.txt")]: "ready" });
  expect((await house.statuses("r-deaths")).filter((status) => status === "succeeded")).toHaveLength(1);
  const runs = "select 1 from local_runs join pipeline_runs using (run_name) where request_id = 'r-deaths'";
  expect(await house.world.db.query(runs)).toHaveLength(1);
});
