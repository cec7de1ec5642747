import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readLayers } from "./layers.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A small house in a folder of its own: every file is given as path -> text. */
async function house(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "gatehouse-layers-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const all = {
    "package.json": "{}",
    "node_modules/@nats-io/jetstream/package.json": '{"name":"@nats-io/jetstream","main":"index.js"}',
    "node_modules/@nats-io/jetstream/index.js": "export {};",
    "node_modules/vitest/package.json": '{"name":"vitest","main":"index.js"}',
    "node_modules/vitest/index.js": "export {};",
    ...Object.fromEntries(
      ["errors", "events", "runtime", "models", "store", "retrieval", "media", "local", "demo", "cli"].map((name) => [
        `packages/${name}/src/mod.ts`,
        "export const one = 1;",
      ]),
    ),
    "streams/src/mod.ts": "export const one = 1;",
    "services/voice/src/service.ts": "export const one = 1;",
    "services/chat-handler/src/service.ts": "export const one = 1;",
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const from = (path: string) => `import { one } from "${path}";\nexport const two = one;`;

test("the layer rule is held by this repository, and it has really read the TypeScript", async () => {
  const { violations, files, imports } = await readLayers(ROOT);
  expect(violations).toEqual([]);
  expect(files).toBeGreaterThan(50);
  expect(imports).toBeGreaterThan(50);
});

test("the layer rule allows every arrow of the architecture", async () => {
  const root = await house({
    "packages/events/src/a.ts": from("../../errors/src/mod.ts"),
    "streams/src/a.ts": from("../../packages/events/src/mod.ts"),
    "packages/runtime/src/a.ts": from("../../../streams/src/mod.ts"),
    "packages/models/src/a.ts": from("../../events/src/mod.ts"),
    "packages/retrieval/src/a.ts": from("../../store/src/mod.ts"),
    "packages/local/src/a.ts": from("../../runtime/src/mod.ts"),
    "packages/cli/src/a.ts": from("../../../services/voice/src/service.ts"),
    "services/voice/src/a.ts": from("../../../packages/store/src/mod.ts"),
    "services/voice/src/a.test.ts": 'import "vitest"; import "./a.ts";',
    "test/a.ts": from("../packages/cli/src/mod.ts"),
    "test/b.ts": 'import "@nats-io/jetstream";',
  });
  expect((await readLayers(root)).violations).toEqual([]);
});

const PLANTED: [path: string, text: string, message: string][] = [
  [
    "services/voice/src/main.ts",
    from("../../chat-handler/src/service.ts"),
    "services/voice imports services/chat-handler: services meet only on the wire; add an event to packages/events (services/voice/src/main.ts)",
  ],
  [
    "packages/errors/src/a.ts",
    from("../../events/src/mod.ts"),
    "packages/errors imports packages/events: errors stand below everything",
  ],
  ["packages/errors/src/a.ts", 'import "node:fs";', "packages/errors imports fs: errors stand below everything"],
  [
    "packages/events/src/a.ts",
    from("../../media/src/mod.ts"),
    "packages/events imports packages/media: events are the contract",
  ],
  [
    "packages/events/src/a.ts",
    from("../../../streams/src/mod.ts"),
    "packages/events imports streams: events are the contract",
  ],
  ["streams/src/a.ts", from("../../packages/runtime/src/mod.ts"), "streams imports packages/runtime: streams are data"],
  ["streams/src/a.ts", from("../../packages/errors/src/mod.ts"), "streams imports packages/errors: streams are data"],
  [
    "packages/runtime/src/a.ts",
    from("../../store/src/mod.ts"),
    "packages/runtime imports packages/store: the runtime knows events",
  ],
  [
    "packages/store/src/a.ts",
    from("../../runtime/src/mod.ts"),
    "packages/store imports packages/runtime: models, store and media",
  ],
  [
    "packages/models/src/a.ts",
    from("../../media/src/mod.ts"),
    "packages/models imports packages/media: models, store and media",
  ],
  [
    "packages/media/src/a.ts",
    from("../../../streams/src/mod.ts"),
    "packages/media imports streams: models, store and media",
  ],
  [
    "packages/retrieval/src/a.ts",
    from("../../runtime/src/mod.ts"),
    "packages/retrieval imports packages/runtime: retrieval knows models",
  ],
  [
    "packages/store/src/a.ts",
    from("../../retrieval/src/mod.ts"),
    "packages/store imports packages/retrieval: models, store and media",
  ],
  [
    "services/voice/src/a.ts",
    from("../../../packages/cli/src/mod.ts"),
    "services/voice imports packages/cli: a service is a value",
  ],
  [
    "services/voice/src/a.ts",
    from("../../../packages/demo/src/mod.ts"),
    "services/voice imports packages/demo: a service is a value",
  ],
  [
    "packages/cli/src/a.ts",
    from("../../../test/harness/mod.ts"),
    "packages/cli imports test: test stands above everything",
  ],
  [
    "services/voice/src/a.ts",
    'import "@nats-io/jetstream";',
    "services/voice imports @nats-io/jetstream: only packages/runtime, packages/cli and test speak to NATS",
  ],
  [
    "packages/local/src/a.ts",
    'import type {} from "@nats-io/jetstream";',
    "packages/local imports @nats-io/jetstream: only packages/runtime",
  ],
  [
    "services/voice/src/a.ts",
    from("../../../packages/store/src/inner.ts"),
    "services/voice imports packages/store: a package is entered through its mod.ts",
  ],
  [
    "test/a.ts",
    from("../services/voice/src/inner.ts"),
    "test imports services/voice: a package is entered through its mod.ts",
  ],
  [
    "packages/store/src/a.ts",
    'export { b } from "./b.ts";\nexport const a = 1;',
    "packages/store/src/a.ts imports packages/store/src/b.ts: arrows point one way",
  ],
  [
    "packages/store/src/a.ts",
    'import "./c.test.ts";',
    "packages/store/src/a.ts imports packages/store/src/c.test.ts: a source file never needs a test",
  ],
  [
    "packages/store/src/a.ts",
    'import { test } from "vitest";\nexport default test;',
    "packages/store imports vitest: it is not there when the product is installed with --prod",
  ],
  ["packages/store/src/a.ts", 'import "./nowhere.ts";', "packages/store imports ./nowhere.ts: nothing is there"],
];

test.each(PLANTED)("the layer rule refuses %s with %j", async (path, text, message) => {
  const root = await house({
    "packages/store/package.json": '{"name":"store","devDependencies":{"vitest":"1"}}',
    "packages/store/src/inner.ts": "export const one = 1;",
    "packages/store/src/c.test.ts": "export const one = 1;",
    "packages/store/src/b.ts": 'import { a } from "./a.ts";\nexport const b = a;',
    "services/voice/src/inner.ts": "export const one = 1;",
    "test/harness/mod.ts": "export const one = 1;",
    "packages/store/src/a.ts": "export const a = 1;",
    [path]: text,
  });
  const { violations } = await readLayers(root);
  expect(violations).toContainEqual(expect.stringContaining(message));
});

test("the layer rule sees nothing wrong in the house that the violations are planted in", async () => {
  expect((await readLayers(await house({}))).violations).toEqual([]);
});
