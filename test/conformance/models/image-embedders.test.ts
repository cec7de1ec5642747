import { createImageEmbedder, type ImageEmbedder, type Picture } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
const alike = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const asPicture = (bytes: Uint8Array): Picture => ({ bytes, media_type: "image/jpeg", width: 640, height: 480 });
const scene = asPicture(await picture(1));
const moved = asPicture(await picture(2));
const other = asPicture(
  await sharp({ create: { width: 640, height: 480, channels: 3, background: "#101060" } })
    .jpeg()
    .toBuffer(),
);

const SERVERS: [string, "clip" | "kserve", (server: ReferenceModels) => object][] = [
  ["clip", "clip", ({ url }) => ({ kind: "clip", url })],
  ["kserve-http", "kserve", ({ url }) => ({ kind: "kserve-http", url, model: "reference-image-embedder" })],
  [
    "kserve-grpc, batches",
    "kserve",
    ({ grpc_url }) => ({ kind: "kserve-grpc", url: grpc_url, model: "reference-image-embedder", batch: 8 }),
  ],
];

/** What every embedder of pictures promises. */
function isImageEmbedder(name: string, open: Open<ImageEmbedder>): void {
  test(`embed() of ${name} gives unit vectors, and puts what is alike near`, async () => {
    const { client, stop } = await open();
    const answers = [scene, moved, other].map((each) => client.embed(each, { signal }));
    const [a, b, c] = (await Promise.all(answers)).map(({ vector }) => vector) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { model } = await client.embed(scene, { signal });
    await stop();
    for (const vector of [a, b, c]) expect(alike(vector, vector)).toBeCloseTo(1, 4);
    expect(alike(a, b)).toBeGreaterThan(alike(a, c) + 0.2);
    expect(model).toMatchObject({ backend: "reference" });
    expect(model.name).not.toBe("unknown");
  });

  test(`embed() of ${name} embeds the part of the picture in a box`, async () => {
    const { client, stop } = await open();
    const box = { x: 0.1, y: 0.3, w: 0.125, h: 0.45 };
    const figure = await client.embed(scene, { signal, box });
    const bytes = await sharp(scene.bytes)
      .extract({ left: 64, top: 144, width: 80, height: 216 })
      .jpeg({ quality: 90 })
      .toBuffer();
    const cut_here = await client.embed({ ...scene, bytes, width: 80, height: 216 }, { signal });
    const whole = await client.embed(scene, { signal });
    await stop();
    expect(figure.vector).toEqual(cut_here.vector);
    expect(alike(figure.vector, whole.vector)).toBeLessThan(0.99);
  });

  test(`embed() of ${name} refuses what is no picture, for good, and goes on`, async () => {
    const { client, stop } = await open();
    const broken = asPicture(Buffer.from("no picture at all"));
    await expect(client.embed(broken, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED", retry: "never" });
    await client.embed(scene, { signal });
    await stop();
  });
}

const embedding = (name: string, open: Open<ImageEmbedder>): Promised<ImageEmbedder> => ({
  name: `embed() of ${name}`,
  open,
  ask: (embedder, asking) => embedder.embed(scene, { signal: asking }),
  prefix: "IMAGE_EMBEDDER",
  dependency: "image_embedder",
});

describe.each(SERVERS)("%s", (name, door, entry) => {
  const open = withServer(door, (server, timeout_ms) =>
    createImageEmbedder(configured("image_embedder", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  isImageEmbedder(name, open);
  keepsThePromises(embedding(name, open));
  staysTyped(embedding(name, open));
});
