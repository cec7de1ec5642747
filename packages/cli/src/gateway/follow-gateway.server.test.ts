import { readRunFile } from "@gatehouse/local";
import { expect, test } from "vitest";
import { drawnPicture } from "../drawn-picture.testing.ts";
import { temporaryHome, UpProcess } from "../up-process.testing.ts";
import { type Access, findGateway } from "./access.ts";
import { askGateway } from "./ask-gateway.ts";
import { followGateway, type Heard } from "./follow-gateway.ts";

const subject = "camera.*.detections";

async function publish(access: Access, frame_id: string): Promise<void> {
  const headers = { "content-type": "image/jpeg", "idempotency-key": frame_id };
  await askGateway(access, "/api/cameras/yard/frames", { method: "POST", headers, body: await drawnPicture() });
}

/** The next thing heard, of this kind. */
async function next<W extends Heard["what"]>(
  heard: AsyncGenerator<Heard>,
  what: W,
): Promise<Extract<Heard, { what: W }>> {
  const { value, done } = await heard.next();
  expect([done, value?.what]).toEqual([false, what]);
  return value;
}

test("followGateway() misses nothing and hears nothing twice when the gateway is killed meanwhile", async () => {
  const home = temporaryHome();
  const up = new UpProcess(home, "--split");
  await up.tells("up");
  const access = findGateway({ env: {} }, home, "follow");
  const stopping = new AbortController();
  const heard = followGateway(access, { subject, from: "all", signal: stopping.signal });
  const first = next(heard, "message");
  await publish(access, "f-1");
  const { message: one } = await first;
  expect(one.data).toMatchObject({ frame_id: "f-1", camera_id: "yard" });

  const lost = next(heard, "lost");
  const gateway = readRunFile({ dir: home })!.processes.find(({ services }) => services.includes("gateway"))!;
  process.kill(gateway.pid, "SIGKILL");
  await lost;
  const back = next(heard, "back");
  await up.tells("service", ({ service, state }) => service === "gateway" && state === "ready");
  expect((await back).from).toMatchObject({ seq: one.seq! + 1 });
  const second = next(heard, "message");
  await publish(access, "f-2");
  expect((await second).message).toMatchObject({ seq: one.seq! + 1, data: { frame_id: "f-2" } });

  const end = heard.next();
  stopping.abort();
  expect((await end).done).toBe(true);
  up.child.kill("SIGINT");
  expect(await up.ends()).toBe(0);
});

test("followGateway() and askGateway() give up when the key is wrong, with the gateway's code", async () => {
  const home = temporaryHome();
  const up = new UpProcess(home);
  await up.tells("up");
  const access = { ...findGateway({ env: {} }, home, "follow"), key: "gh_wrong" };
  const { signal } = new AbortController();
  const refused = { code: "GATEWAY_REFUSED", facts: { status: 401, code: "UNAUTHORIZED" } };
  await expect(followGateway(access, { subject, from: "new", signal }).next()).rejects.toMatchObject(refused);
  await expect(askGateway(access, "/api/events")).rejects.toMatchObject(refused);
  up.child.kill("SIGINT");
  expect(await up.ends()).toBe(0);
});
