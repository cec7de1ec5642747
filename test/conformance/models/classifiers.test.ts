import { type Classifier, createClassifier, type Picture } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
/** A person on a plain ground. */
const scene: Picture = { bytes: await picture(1), media_type: "image/jpeg", width: 640, height: 480 };
const labels = ["person", "car", "truck", "dog", "cat"];

const SERVERS: [string, "kserve" | "florence", (server: ReferenceModels) => object][] = [
  ["florence", "florence", ({ url }) => ({ kind: "florence", url })],
  ["kserve-http", "kserve", ({ url }) => ({ kind: "kserve-http", url, model: "reference-classifier", labels })],
  [
    "kserve-grpc, batches",
    "kserve",
    ({ grpc_url }) => ({ kind: "kserve-grpc", url: grpc_url, model: "reference-classifier", labels, batch: 8 }),
  ],
];

/** What every classifier promises. */
function isClassifier(name: string, open: Open<Classifier>): void {
  test(`classify() of ${name} says that it is a person, and no more labels than wanted`, async () => {
    const { client, stop } = await open();
    const all = await client.classify(scene, { signal });
    const best = await client.classify(scene, { signal, most: 1 });
    await stop();
    expect(all.labels[0]).toMatchObject({ label: "person" });
    expect(best.labels).toEqual(all.labels.slice(0, 1));
    expect(all.model).toMatchObject({ name: expect.stringMatching(/^reference-/), backend: "reference" });
  });

  test(`classify() of ${name} refuses what is no picture, for good, and goes on`, async () => {
    const { client, stop } = await open();
    const broken = { ...scene, bytes: Buffer.from("no picture at all") };
    await expect(client.classify(broken, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED", retry: "never" });
    await client.classify(scene, { signal });
    await stop();
  });
}

/** What a classifier of known labels promises besides. */
function sharesConfidence(name: string, open: Open<Classifier>): void {
  test(`classify() of ${name} shares confidence among all labels`, async () => {
    const { client, stop } = await open();
    const all = await client.classify(scene, { signal });
    await stop();
    expect(all.labels.map(({ label }) => label).sort()).toEqual(labels.toSorted());
    const sum = all.labels.reduce((total, { confidence }) => total + confidence!, 0);
    expect(sum).toBeCloseTo(1, 4);
  });
}

const classifying = (name: string, open: Open<Classifier>): Promised<Classifier> => ({
  name: `classify() of ${name}`,
  open,
  ask: (classifier, asking) => classifier.classify(scene, { signal: asking }),
  prefix: "CLASSIFIER",
  dependency: "classifier",
});

describe.each(SERVERS)("%s", (name, door, entry) => {
  const open = withServer(door, (server, timeout_ms) =>
    createClassifier(configured("classifier", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  isClassifier(name, open);
  if (door === "kserve") sharesConfidence(name, open);
  keepsThePromises(classifying(name, open));
  staysTyped(classifying(name, open));
});
