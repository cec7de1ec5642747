import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { type ReferenceModels, startReferenceModels } from "../service.ts";

const running: ReferenceModels[] = [];
const path = process.env.PATH;
afterEach(async () => {
  process.env.PATH = path;
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

/** Says something to the door, in the bytes of the protocol, and gives all that it answers. */
async function setup() {
  const zero_cost = { zero_cost: true };
  const models = await startReferenceModels({ wyoming_port: 0, failures: { speak: zero_cost, transcribe: zero_cost } });
  running.push(models);
  const dial = async (): Promise<Socket> => {
    const { hostname: host, port } = new URL(models.wyoming_url!);
    const socket = connect({ host, port: Number(port) });
    await once(socket, "connect");
    return socket;
  };
  const say = async (words: string) => {
    const socket = await dial();
    socket.end(words);
    return text(socket.setEncoding("latin1"));
  };
  return { models, dial, say };
}

const chunk = '{"type":"audio-chunk","data":{"rate":16000,"width":2,"channels":1},"payload_length":4}\nabcd';

test("describe is answered with one program of each kind, both called reference", async () => {
  const { say } = await setup();
  const answer = await say('{"type":"describe"}\n');
  const [header, data] = answer.split("\n");
  expect(JSON.parse(header!)).toEqual({ type: "info", data_length: data!.length });
  const { asr, tts } = JSON.parse(data!);
  expect([asr, tts]).toMatchObject([
    [{ name: "reference", models: [{ name: "pocketsphinx", installed: true, languages: ["en"] }] }],
    [{ name: "reference", voices: [{ name: "en-us", installed: true }] }],
  ]);
});

test("an utterance is answered with its transcript, one after the other on one connection", async () => {
  const { say } = await setup();
  const utterance = `{"type":"transcribe","data":{"language":"en"}}\n{"type":"audio-start","data":{}}\n${chunk}{"type":"audio-stop"}\n`;
  const transcript = '{"type":"transcript","data_length":42}\n{"text":"nobody listened","language":"en"}';
  expect(await say(utterance + utterance)).toBe(transcript + transcript);
});

test("synthesize is answered with audio-start, chunks and audio-stop; ping with pong", async () => {
  const { say } = await setup();
  const answer = await say('{"type":"synthesize","data":{"text":"hello"}}\n{"type":"ping","data":{"text":"x"}}\n');
  const sound = '{"rate":22050,"width":2,"channels":1}';
  expect(answer).toBe(
    `{"type":"audio-start","data_length":37}\n${sound}{"type":"audio-chunk","data_length":37,"payload_length":4410}\n${sound}${"\0".repeat(4_410)}{"type":"audio-stop","data_length":2}\n{}{"type":"pong","data_length":12}\n{"text":"x"}`,
  );
});

test.each([
  ["no JSON", "hello\n", "the answer must be JSON"],
  ["half an event", '{"type":"describe","data_length":9}\n{}', "it was cut off within an event"],
  ["24 bits", '{"type":"audio-chunk","data":{"rate":16000,"width":3,"channels":1}}\n', "its samples must have 2 bytes"],
  ["a stop without speech", '{"type":"audio-stop"}\n', "audio-stop must follow an audio-chunk"],
  ["nothing to speak", '{"type":"synthesize","data":{"text":""}}\n', "the text must have 1..4096 characters"],
])("%s is answered with an error, and ends the connection", async (_, words, message) => {
  const { say } = await setup();
  const answer = await say(words);
  expect(answer).toMatch(/^\{"type":"error"/);
  expect(answer).toContain(message);
});

test("a program that is missing is told as an error", async () => {
  const { models, say } = await setup();
  models.failures.transcribe.zero_cost = false;
  process.env.PATH = "/nowhere";
  expect(await say(`${chunk}{"type":"audio-stop"}\n`)).toContain("there is no speech model; install pocketsphinx");
});

test("stop() ends connections that hang", async () => {
  const { models, dial } = await setup();
  models.failures.speak.hang = true;
  const socket = await dial();
  const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  socket.resume().write('{"type":"synthesize","data":{"text":"hello"}}\n{"type":"ping","data":{}}\n');
  await models.stop();
  await closed;
});
