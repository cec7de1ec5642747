import { expect, test } from "vitest";
import { faultsOf, load } from "./config-folder.fixture.ts";

test("a variable is read as its setting's type", () => {
  const config = load("", {
    GATEHOUSE_DURABILITY: "silver",
    gatehouse_health__port: "9100",
    GATEHOUSE_GATEWAY__HOST: "10",
    GATEHOUSE_GATEWAY__PUBLIC_URL: "https://gate.example",
    GATEHOUSE_INGEST__AUTO_CREATE_CAMERAS: "False",
    GATEHOUSE_INGEST__FOLDER__ROOT: "null",
    GATEHOUSE_DETECTION__THRESHOLDS__DOG: ".55",
  });
  expect(config.durability).toBe("silver");
  expect(config.health.port).toBe(9100);
  expect(config.gateway).toMatchObject({ host: "10", public_url: "https://gate.example" });
  expect(config.ingest).toMatchObject({ auto_create_cameras: false, folder: { root: null } });
  expect(config.detection.thresholds).toEqual({ dog: 0.55 });
});

test("lists and maps are JSON, and a deeper variable wins over a shallower one", () => {
  const config = load("cameras: [{ id: door }]\n", {
    GATEHOUSE_CAMERAS: '[{"id":"gate"}]',
    GATEHOUSE_DETECTION__LABELS: '["dog"]',
    GATEHOUSE_BATCHING: '{"max_s":50,"idle_s":40}',
    GATEHOUSE_BATCHING__IDLE_S: "5",
  });
  expect(config.cameras).toEqual([{ id: "gate" }]);
  expect(config.detection.labels).toEqual(["dog"]);
  expect(config.batching).toMatchObject({ max_s: 50, idle_s: 5 });
});

test("faults inside a list name the variable and not the line that it replaced", () => {
  const faults = faultsOf(() => load("cameras: [{ id: door }]\n", { GATEHOUSE_CAMERAS: '[{"id":"a b"}]' }));
  expect(faults).toEqual(['GATEHOUSE_CAMERAS: cameras[0].id must match ^[A-Za-z0-9_-]{1,64}$: current value is "a b"']);
});

test("broken JSON, the same setting twice, unknown names and paths through lists are faults", () => {
  const faults = faultsOf(() =>
    load("", {
      GATEHOUSE_RETENTION: '{"frames_h":',
      GATEHOUSE_HEALTH__PORT: "1",
      gatehouse_health__port: "2",
      GATEHOUSE_BATCHNG__IDLE_S: "5",
      GATEHOUSE_CAMERAS__0__ID: "gate",
      GATEHOUSE___PROTO____A: "1",
    }),
  );
  expect(faults).toEqual(
    expect.arrayContaining([
      "GATEHOUSE_RETENTION must be a map, as JSON",
      "gatehouse_health__port is the same setting as GATEHOUSE_HEALTH__PORT",
      'GATEHOUSE_BATCHNG__IDLE_S: batchng is unknown: did you mean "batching"',
      "GATEHOUSE_CAMERAS__0__ID: cameras must be a list: current value is a map",
    ]),
  );
  expect(({} as Record<string, unknown>).a).toBeUndefined();
});

test("variables that are no settings are left alone", () => {
  expect(load("", { GATEHOUSE_URL: "http://127.0.0.1:1", GATEHOUSE_KEY: "k", PATH: "/bin" }).durability).toBe("bronze");
});
