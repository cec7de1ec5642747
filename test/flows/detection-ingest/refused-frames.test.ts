import { crc32, deflateSync } from "node:zlib";
import { encode } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

let ingest: Ingest;
beforeAll(async () => {
  ingest = await setupIngest();
  await ingest.run({ GATEHOUSE_INGEST__AUTO_CREATE_CAMERAS: "false", GATEHOUSE_CAMERAS: JSON.stringify(CAMERAS) });
});
afterAll(() => ingest.stop());

const CAMERAS = ["bomb", "big", "cut", "text", "type", "mismatch", "empty", "good", "gif", "cbor"].map((id) => ({
  id,
}));

/** Publishes the body and gives the one dead letter it becomes. */
async function refused(camera_id: string, body: Uint8Array, subject = `camera.${camera_id}.frame`) {
  await ingest.world.bus.publish(subject, body);
  const [letter] = await ingest.dead(camera_id, 1);
  return { code: letter!.headers["Gatehouse-Code"], reason: letter!.headers["Gatehouse-Reason"]!, letter: letter! };
}

const frame = (own: object) =>
  encode({ frame_id: "f-1", captured_at_ms: Date.now(), media_type: "image/jpeg", ...own } as Record<string, unknown>);

/** A small PNG whose header announces any size. */
function announcedPng(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = deflateSync(Buffer.alloc(1_000));
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

test("51 megapixels in a small PNG are refused before they are decoded", async () => {
  const { code, reason } = await refused("bomb", announcedPng(10_200, 5_000));
  expect(code).toBe("TOO_MANY_PIXELS");
  expect(reason).toContain("10200x5000");
});

test("a picture of 8 MiB and a byte is refused, with its body in the dead letter", async () => {
  const image = Buffer.concat([await picture(1), Buffer.alloc(8 * 1024 * 1024)]).subarray(0, 8 * 1024 * 1024 + 1);
  const { code, letter } = await refused("big", frame({ image }));
  expect(code).toBe("FRAME_TOO_LARGE");
  expect(letter.body.length).toBeGreaterThan(image.length);
});

test("a truncated picture is refused", async () => {
  const image = await picture(2);
  expect((await refused("cut", image.subarray(0, image.length / 2))).code).toBe("TRUNCATED");
});

test("text that is called a JPEG is refused", async () => {
  expect((await refused("text", frame({ image: Buffer.from("no picture at all") }))).code).toBe("NOT_AN_IMAGE");
});

test("a kind of picture that is not taken is refused", async () => {
  const gif = Buffer.from("GIF89a-and-so-on");
  expect((await refused("gif", frame({ image: gif }))).code).toBe("UNSUPPORTED_MEDIA");
});

test("a wrong field is refused with its path, the value seen and the value wanted", async () => {
  const { code, reason } = await refused("type", frame({ image: { a: { b: { c: [1] } } } }));
  expect(code).toBe("SCHEMA_VIOLATION");
  expect(reason).toContain("image");
});

test("a body that names another camera than its subject is refused", async () => {
  const body = frame({ camera_id: "good", image: await picture(3) });
  expect((await refused("mismatch", body)).code).toBe("ID_MISMATCH");
});

test("an empty body and bytes that are nothing are refused", async () => {
  expect((await refused("empty", new Uint8Array())).code).toBe("UNDECODABLE");
  expect((await refused("cbor", Uint8Array.of(0xc1, 0, 1, 2))).code).toBe("UNDECODABLE");
});

test("a subject that no camera can have is refused", async () => {
  expect((await refused("bad!id", await picture(4))).code).toMatch(/BAD_/);
});

test("a camera that is not known is refused while cameras are not made by their frames; a configured one is known", async () => {
  expect((await refused("stranger", await picture(5))).code).toBe("UNKNOWN_CAMERA");
  await ingest.frame("good", "f-1", await picture(6));
  expect(await ingest.sets("good", 1)).toHaveLength(1);
  await ingest.drained();
  const cameras = await ingest.world.db.query<{ camera_id: string; first_seen_via: string }>("select * from cameras");
  expect(cameras.map(({ camera_id }) => camera_id).sort()).toEqual(CAMERAS.map(({ id }) => id).sort());
  expect(new Set(cameras.map(({ first_seen_via }) => first_seen_via))).toEqual(new Set(["config"]));
});
