import { service } from "@gatehouse/detection-ingest";
import { applyStreams } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBareBroker } from "../../harness/bare-broker.ts";
import { openTestBus } from "../../harness/broker-world.ts";
import { picture } from "../../harness/pictures.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { TEST_STREAMS } from "../../harness/world.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

let ingest: Ingest;
beforeAll(async () => {
  ingest = await setupIngest({ streams: { ...TEST_STREAMS, frames_mb: 1 } });
});
afterAll(() => ingest.stop());

const readyz = async (health_url: string) => {
  const answer = await fetch(`${health_url}/readyz`);
  return { status: answer.status, text: await answer.text() };
};

test("readyz tells when the queue of frames is 80 % full, and when it no longer is; a full one refuses", async () => {
  const { bus } = ingest.world;
  const { health_url } = await ingest.run();
  await ingest.detector.away();
  const share = async () => {
    const { bytes, max_bytes } = await bus.stream("CAMERA_FRAMES");
    return bytes / max_bytes;
  };
  let sent = 0;
  while ((await share()) < 0.8) await ingest.frame("full", `f-${sent}`, await picture(sent++));
  await until("it is told", async () => /The queue of frames is (8|9)\d % full/.test((await readyz(health_url)).text));
  await expect(ingest.frame("full", "too-much", new Uint8Array(1024 * 1024))).rejects.toMatchObject({
    code: "BACKLOG_FULL",
  });
  await ingest.detector.back();
  await ingest.sets("full", sent);
  await until("it is no longer told", async () => {
    const { status, text } = await readyz(health_url);
    return status === 200 && !text.includes("queue of frames");
  });
});

test("a broker that takes only small messages is told, and does not keep the service from its work", async () => {
  const bare = await startBareBroker();
  const { world, detector } = ingest;
  const bus = await openTestBus({ nats: { url: bare.url, user: null, password: null }, log: world.log });
  await applyStreams(bus, mesh(TEST_STREAMS));
  const backing = { ...world.backing, nats_url: bare.url, nats_user: null, nats_password: null };
  const env = { GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: detector.url }]) };
  const running = await runMesh(world, { services: [service], env, backing });
  const told = "The broker takes messages of at most 1048576 bytes: larger pictures never arrive";
  await until("it is told", async () => {
    const { status, text } = await readyz(running.health_url);
    return status === 200 && JSON.parse(text).status === "degraded" && text.includes(told);
  });
  await running.stop();
  await bus.close();
  await bare.stop();
});
