import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeBody, encode } from "@gatehouse/events";
import { readRunFile } from "@gatehouse/local";
import { createLog, type NatsBus, openBus } from "@gatehouse/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withDatabase } from "./database.ts";
import { drawnPicture } from "./drawn-picture.testing.ts";
import { runCommand } from "./run-command.testing.ts";
import { spawnCommand, startCommand } from "./spawn-command.testing.ts";
import { makeHome, UpProcess } from "./up-process.testing.ts";

// One Gatehouse for all tests of this file; each uses a camera of its own.
const { home, remove } = makeHome();
const config = join(home, "gatehouse.yaml");
let up: UpProcess;
let bus: NatsBus;

beforeAll(async () => {
  writeFileSync(config, "retention: { frames_mb: 64, detections_d: 3 }\n");
  up = new UpProcess(home, "--config", config);
  await up.tells("up");
  const { nats_url, nats_user: user, nats_password: password } = readRunFile({ dir: home })!;
  const log = createLog({ name: "test", level: "error", home, stdout: "silent" });
  bus = await openBus({ nats_url, user, password, name: "test", log });
});
afterAll(async () => {
  await bus?.close();
  up?.child.kill("SIGINT");
  await up?.ends();
  remove();
});

const run = (...args: string[]) => runCommand([...args, "--home", home]);
/** What a command that must end well says as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
async function ask(...args: string[]): Promise<any> {
  const { code, out, err } = await run(...args, "--json");
  expect([args, code, err]).toEqual([args, 0, ""]);
  return JSON.parse(out);
}

/** Publishes what is no frame, and gives the number of its dead letter as the screen of up tells it. */
async function sendText(camera_id: string): Promise<number> {
  await bus.publish(`camera.${camera_id}.frame`, Buffer.from("no picture at all"));
  const { seq } = await up.tells("dead", ({ subject }) => subject === `camera.${camera_id}.frame`);
  return seq;
}

/** The first message of a stream on a subject, decoded; null when none comes. */
async function firstOf(stream: string, filter: string): Promise<object | null> {
  const within = AbortSignal.timeout(50_000);
  for await (const { body } of bus.follow(stream, "all", { filter, signal: within })) return decodeBody(body).fields;
  return null;
}

test("status tells of services and of servers with version, address and latency, without credentials", async () => {
  const run_file = readRunFile({ dir: home })!;
  const status = await ask("status");
  expect(status).toMatchObject({ status: "ready", gateway_url: run_file.gateway_url, pid: up.pid });
  const version = expect.stringMatching(/^\d+(\.\d+)+$/);
  const server = (name: string, url: string) => {
    const address = new URL(url).host;
    const shown = name === "postgres" ? `${address}/gatehouse` : address;
    return { server: name, status: "up", version, address: shown, latency_ms: expect.any(Number), reason: null };
  };
  const { nats_url, database_url, redis_url } = run_file;
  const servers = [server("nats", nats_url), server("postgres", database_url), server("redis", redis_url)];
  expect(status.servers).toEqual(servers);
  const { code, out, err } = await spawnCommand("status", "--home", home);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^postgres +up +\d+\.\d+ +127\.0\.0\.1:\d+\/gatehouse +[\d.]+ ms$/m);
  expect(out).toContain("Dead letters: ");
  for (const secret of [run_file.nats_password!, new URL(database_url).password, run_file.admin_key])
    expect(`${JSON.stringify(status)}${out}`).not.toContain(secret);
});

test("text instead of a picture is told on the screen, in status, dead list and dead show", async () => {
  const seq = await sendText("wordy");
  const reason = expect.stringMatching(/must be a bare JPEG, PNG or WebP.*: it is 17 bytes that look like text$/);
  const letter = { service: "detection-ingest", code: "UNDECODABLE", reason, subject: "camera.wordy.frame" };
  expect(await up.tells("dead", (news) => news.seq === seq)).toMatchObject(letter);
  expect((await ask("dead", "list", "--code", "UNDECODABLE")).items).toContainEqual(
    expect.objectContaining({ seq, ...letter }),
  );
  const { out } = await run("dead", "list");
  expect(out).toMatch(new RegExp(`^${seq} .*detection-ingest +UNDECODABLE +camera\\.wordy\\.frame +Cannot read`, "m"));
  const body = Buffer.from("no picture at all").toString("base64");
  expect(await ask("dead", "show", String(seq))).toMatchObject({
    seq,
    ...letter,
    body,
    body_error: expect.any(String),
  });
  const { count, last } = (await ask("status")).dead_letters;
  expect(count).toBeGreaterThan(0);
  expect(last).toMatchObject({ service: "detection-ingest", code: "UNDECODABLE" });
});

test("dead list and status tell what came beyond a hundred in an hour", async () => {
  const { database_url } = readRunFile({ dir: home })!;
  const hour_ms = 1_763_697_600_000;
  await withDatabase(database_url, (db) =>
    db.query("insert into dead_counts values ('flood', 'NOT_AN_IMAGE', $1, 105)", [hour_ms]),
  );
  const counted = { camera_id: "flood", code: "NOT_AN_IMAGE", hour_ms, only_counted: 5 };
  expect((await ask("dead", "list")).only_counted).toEqual([counted]);
  expect((await ask("status")).dead_letters.only_counted).toEqual([counted]);
  for (const verb of [["dead", "list"], ["status"]])
    expect((await run(...verb)).out).toContain("Only counted: 5 more NOT_AN_IMAGE of flood in the hour from ");
});

test("dead redrive hands a message to its service again, which then does the work", async () => {
  const frame = { frame_id: "f-1", captured_at_ms: Date.now(), media_type: "image/jpeg", image: await drawnPicture() };
  const headers = {
    "Gatehouse-Subject": "camera.again.frame",
    "Gatehouse-Time": String(frame.captured_at_ms),
    "Gatehouse-Seq": "1",
    "Gatehouse-Code": "DETECTOR_BROKEN",
  };
  const { seq } = await bus.publish("dead.detection-ingest", encode(frame), { headers });
  expect(await ask("dead", "redrive", String(seq))).toMatchObject({ seq, duplicate: false });
  expect(await firstOf("CAMERA_DETECTIONS", "camera.again.detections")).toMatchObject({ frame_id: "f-1" });
  expect((await run("dead", "show", String(seq))).code).toBe(1);
  expect(await ask("dead", "redrive", "--code", "DETECTOR_BROKEN")).toMatchObject({ redriven: [], more: false });
  expect((await run("dead", "redrive")).code).toBe(2);
});

test("dead discard throws a message away", async () => {
  const seq = await sendText("thrown");
  expect(await ask("dead", "discard", String(seq))).toEqual({ seq });
  expect(JSON.parse((await run("dead", "show", String(seq), "--json")).err).error.message).toContain(
    `dead letter ${seq}`,
  );
});

test("streams plan tells the difference, apply makes it so, and what would delete messages needs --force", async () => {
  const streams = (verb: string, file: string, ...args: string[]) => run("streams", verb, "--config", file, ...args);
  const { changes } = await ask("streams", "plan", "--config", config);
  expect(changes).toEqual([]);
  const longer = join(home, "longer.yaml");
  writeFileSync(longer, "retention: { frames_mb: 64, detections_d: 4 }\n");
  const change = /^update stream CAMERA_DETECTIONS: max_age 259200000000000 -> 345600000000000$/m;
  expect((await streams("plan", longer)).out).toMatch(change);
  expect((await streams("apply", longer)).out).toMatch(change);
  expect((await streams("apply", longer)).out).toBe("Nothing was changed: the broker has what is declared\n");
  const back = await streams("apply", config, "--json");
  expect([back.code, JSON.parse(back.err).error.code]).toEqual([1, "DESTRUCTIVE_CHANGE"]);
  expect(JSON.parse((await streams("apply", config, "--force", "--json")).out).changes).toMatchObject([
    { action: "update", name: "CAMERA_DETECTIONS", destructive: true },
  ]);
});

test("migrate changes nothing in a database that is up to date", async () => {
  expect(await run("migrate")).toEqual({ code: 0, out: "The database is up to date\n", err: "" });
  expect(await ask("migrate")).toEqual({ migrations: [] });
});

/** The first line that `logs -f` shows with a text in it; Ctrl-C then ends it. `onFollowing` when it shows its first. */
async function followLogs(contained: string, args: string[], onFollowing?: () => unknown): Promise<string> {
  const following = startCommand("logs", ...args, "-f", "--home", home);
  const ended = once(following, "close");
  let found = "";
  let lines = 0;
  for await (const line of createInterface({ input: following.stdout! })) {
    if (lines++ === 0) await onFollowing?.();
    if (line.includes(contained)) found = line;
    if (found) break;
  }
  following.kill("SIGINT");
  expect((await ended)[0]).toBe(0);
  return found;
}

test("logs shows what services and servers wrote, follows them, and says when there is nothing", async () => {
  const line = await followLogs("camera.logged.frame", ["detection-ingest", "--json"], () => sendText("logged"));
  const told = { level: "error", service: "detection-ingest", subject: "camera.logged.frame", code: "UNDECODABLE" };
  expect(JSON.parse(line)).toMatchObject(told);
  expect((await run("logs", "detection-ingest", "-n", "1000")).out).toContain("subject=camera.logged.frame");
  expect((await run("logs", "nats", "-n", "3")).out.trim().split("\n")).toHaveLength(3);
  expect((await run("logs", "nobody")).code).toBe(2);
});

test("watch refuses a subject that no stream carries, and names those that are", async () => {
  const { code, out, err } = await run("watch", "bogus.>");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(
    /^Cannot watch "bogus\.>" as no stream carries it; these are carried: camera\.\*\.frame, .*dead\.>/,
  );
});

test("keys create takes several subjects, with commas or one by one", async () => {
  const subjects = ["--subjects", "camera.*.event.>, alert.>", "--subjects", "camera.*.status"];
  expect((await ask("keys", "create", ...subjects)).subjects).toEqual([
    "camera.*.event.>",
    "alert.>",
    "camera.*.status",
  ]);
  expect((await run("keys", "create", "--subjects", "alert.>,,")).err).toContain('current value is ""');
});

test("a file in the inbox itself is told on the screen and in the log, with where it belongs", async () => {
  writeFileSync(join(home, "inbox", "yard.jpg"), "");
  const { text } = await up.tells("note", (news) => news.text.startsWith('"yard.jpg"'));
  expect(text).toContain(`move it to ${join(home, "inbox")}/<camera>/ (JPEG, PNG or WebP; mp4, mkv, avi or mov)`);
  expect(await followLogs('"yard.jpg', ["detection-ingest"])).toContain(text);
});
