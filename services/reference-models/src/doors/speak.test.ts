import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";

const running: ReferenceModels[] = [];
const path = process.env.PATH;
afterEach(async () => {
  process.env.PATH = path;
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(speak: Partial<DoorFailures> = {}) {
  const models = await startReferenceModels({ failures: { speak } });
  running.push(models);
  return async (door: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${models.url}${door}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  };
}

test.each([
  ["/v1/audio/speech", { model: "tts-1", input: "hello", voice: "en-us+f3", response_format: "wav" }],
  ["/tts", { text: "hello", speaker: "en-gb", language: "en" }],
  ["/tts", { text: "hello", language: "de" }],
])("POST %s gives a WAV file, and says by headers who spoke", async (door, body) => {
  const post = await setup({ zero_cost: true });
  const answer = await post(door, body);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("audio/wav");
  expect(answer.headers.get("x-backend")).toBe("reference");
  expect(answer.body.toString("latin1", 0, 4)).toBe("RIFF");
});

test.each([
  ["/v1/audio/speech", {}, 400, "Cannot speak as the text must have 1..4096 characters"],
  ["/v1/audio/speech", { input: "a", response_format: "mp3" }, 400, 'Cannot read \\"response_format\\" as it must be'],
  ["/v1/audio/speech", { input: "a", voice: "alloy" }, 400, "Cannot speak as the voice must be one of espeak-ng's"],
  ["/tts", { text: "a".repeat(4_097) }, 400, "Cannot speak as the text must have 1..4096 characters"],
  ["/tts", { text: "a", speaker: "../../etc/passwd" }, 400, "Cannot speak as the voice must be one of espeak-ng's"],
  ["/tts", { text: "a", language: "--help" }, 400, "Cannot speak as the voice must be one of espeak-ng's"],
])("POST %s refuses %j", async (door, body, status, message) => {
  const post = await setup();
  const answer = await post(door, body);
  expect(answer.status).toBe(status);
  expect(String(answer.body)).toContain(message);
});

test("POST /tts names the package when espeak-ng is not installed", async () => {
  const post = await setup();
  process.env.PATH = "/nowhere";
  const answer = await post("/tts", { text: "hello" });
  expect(answer.status).toBe(503);
  expect(JSON.parse(String(answer.body)).error).toBe(
    'Cannot run "espeak-ng" as it must be on PATH: there is no voice; install espeak-ng',
  );
});
