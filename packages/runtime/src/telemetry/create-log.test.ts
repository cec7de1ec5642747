import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog, type LogOptions } from "./create-log.ts";

function setup(options: Partial<LogOptions> = {}) {
  const home = mkdtempSync(join(tmpdir(), "gatehouse-log-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const shown: string[] = [];
  const out = { write: (text: string) => shown.push(text) };
  const log = createLog({ name: "voice", level: "info", home, stdout: "silent", out, ...options });
  const written = async () => {
    await log.close();
    const lines = readFileSync(join(home, "logs/voice.log"), "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  return { home, log, shown, written };
}

test("createLog() writes JSON lines from its level on, with the service, the time and the trace", async () => {
  const { log, written } = setup({ activeTrace: () => ({ trace_id: "t1", span_id: "s1" }) });
  log.debug({}, "not shown");
  log.info({ frame_id: "f-81", infer_ms: 41 }, "frame detected");
  const [line, ...more] = await written();
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    level: "info",
    service: "voice",
    frame_id: "f-81",
    infer_ms: 41,
    trace_id: "t1",
    span_id: "s1",
    msg: "frame detected",
  });
  expect(Date.parse(String(line?.time))).not.toBeNaN();
});

test("a child adds its fields to every line, each once", async () => {
  const { home, log, written } = setup();
  log.child({ service: "enrichment", consumer: "c" }).child({ attempt: 2 }).warn({}, "odd");
  expect((await written())[0]).toMatchObject({ service: "enrichment", consumer: "c", attempt: 2 });
  expect(readFileSync(join(home, "logs/voice.log"), "utf8").match(/"service"/g)).toHaveLength(1);
});

test("secrets are hidden by the name of their field, at any depth, and inside URLs wherever they stand", async () => {
  const { log, written } = setup({ redact: ["plate"] });
  const hidden = {
    authorization: "s3cret",
    "Set-Cookie": "s3cret",
    key: "s3cret",
    nats_password: "s3cret",
    apiKey: "s3cret",
    plate: "s3cret",
  };
  log.info(
    {
      ...hidden,
      nested: [{ headers: { api_key: "s3cret", kept: "yes" } }],
      tokens: 5,
      database_url: "postgres://me:s3cret@h/db",
    },
    "x",
  );
  log.error({ err: new Error("Cannot reach redis://:s3cret@h:1"), image: new Uint8Array(3) }, "at nats://me:s3cret@h");
  log.child({ token: "s3cret" }).info({}, "y");
  const lines = await written();
  expect(JSON.stringify(lines)).not.toContain("s3cret");
  expect(lines[0]).toMatchObject({
    key: "[redacted]",
    nested: [{ headers: { kept: "yes" } }],
    tokens: 5,
    database_url: "postgres://***@h/db",
  });
  expect(lines[1]).toMatchObject({ err: { message: "Cannot reach redis://***@h:1" }, image: "3 bytes" });
});

test("fields that point to themselves are written all the same", async () => {
  const { log, written } = setup();
  const round: Record<string, unknown> = { size: 1n };
  round.self = round;
  log.info({ round }, "x");
  expect((await written())[0]).toMatchObject({ msg: "x" });
});

test("the terminal shows short lines for people, and obeys nothing in them", () => {
  const { log, shown } = setup({ stdout: "pretty" });
  log.info({ camera_id: "gate", infer_ms: 41, label: "a b" }, "frame detected");
  log.error({ err: new Error("down\u001b[2J") }, "cannot go on\nforged");
  log.warn({ text: "\u009b2J\u202e", long: "x".repeat(500) }, "odd");
  expect(shown[0]).toMatch(/^\d\d:\d\d:\d\d voice {13}frame detected {2}camera_id=gate infer_ms=41 label="a b"\n$/);
  expect(shown[1]).toMatch(/error: cannot go on\\nforged {2}error="down\\u001b\[2J"\n$/);
  expect(shown[2]).toContain('text="?2J?" long=xxx');
  expect(shown[2]!.length).toBeLessThan(250);
});

test("a log whose file cannot be written says so on the terminal once, and goes on", async () => {
  const { home, log, shown } = setup({ stdout: "json" });
  writeFileSync(join(home, "logs"), "a file where the folder should be");
  log.info({}, "one");
  await log.flush();
  log.info({}, "two");
  await log.close();
  const sentences = shown.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(sentences).toEqual(["one", "log file cannot be written", "two"]);
});
