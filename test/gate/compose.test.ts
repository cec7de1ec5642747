import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { config as sectionsOfGateway } from "@gatehouse/gateway/config";
import { loadConfig, sectionChecks, sections } from "@gatehouse/runtime";
import { mesh, meshBytes } from "@gatehouse/streams";
import { validate as validateDockerfile } from "dockerfile-utils";
import { expect, test } from "vitest";
import {
  COMPOSE,
  type ComposeService,
  composeText,
  exampleVariables,
  hardeningFaults,
  readCompose,
  specFaults,
  variablesOf,
} from "./compose.ts";

const ROOT = resolve(COMPOSE, "..");
const PASSWORDS = { NATS_PASSWORD: "n1", POSTGRES_PASSWORD: "p1", REDIS_PASSWORD: "r1", QDRANT_PASSWORD: "q1" };
const setup = (variables: Record<string, string> = {}) =>
  readCompose({ ...exampleVariables(), ...PASSWORDS, ...variables });
const started = (name: string) => join("services", name, "src", "main.ts");

test("compose.yaml keeps to the Compose specification", () => {
  expect(specFaults(setup())).toEqual([]);
});

test.each([
  [{ images: "nats" }, "/services/nats must NOT have unevaluated properties"],
  [{ depends_on: { redis: { condition: "ready" } } }, "/services/nats/depends_on/redis/condition must be equal"],
  [{ healthcheck: { retries: [3] } }, "/services/nats/healthcheck/retries must be"],
])("the Compose specification refuses %j", (planted, fault) => {
  const file = setup();
  Object.assign(file.services.nats!, planted);
  expect(specFaults(file).join("\n")).toContain(fault);
});

test("every container may do only what its work needs", () => {
  const { services } = setup();
  expect(Object.entries(services).flatMap(([name, service]) => hardeningFaults(name, service))).toEqual([]);
});

test.each<[Partial<ComposeService>, string]>([
  [{ read_only: false }, "read_only must be true"],
  [{ user: "0:0" }, "user must be a number, and not root"],
  [{ user: "0:0", cap_add: ["CHOWN"], restart: "no" }, "user must be a number, and not root"],
  [{ cap_drop: ["NET_RAW"] }, "cap_drop must be [ALL]"],
  [{ cap_add: ["SYS_ADMIN"] }, "cap_add must be absent"],
  [{ cpus: 2 }, "limits must be set"],
  [{ image: "nats:latest" }, "image must have a version"],
  [{ restart: "always" }, 'restart must be "unless-stopped"'],
])("a container with %j is refused", (planted, fault) => {
  expect(hardeningFaults("nats", { ...setup().services.nats!, ...planted }).join()).toContain(fault);
});

test("a container that runs on without a health check is refused", () => {
  const { healthcheck: _missing, ...rest } = setup().services.nats!;
  expect(hardeningFaults("nats", rest)).toEqual(["nats: healthcheck must be there"]);
});

test("only the gateway can be reached from outside, and on loopback unless told otherwise", () => {
  const ports = (services: Record<string, ComposeService>) =>
    Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
  expect(ports(readCompose(PASSWORDS).services)).toEqual(["gateway 127.0.0.1:8080:8080"]);
  expect(ports(setup().services)).toEqual(["gateway 127.0.0.1:8080:8080"]);
  expect(ports(setup({ GATEHOUSE_BIND: "0.0.0.0", GATEHOUSE_PORT: "80" }).services)).toEqual([
    "gateway 0.0.0.0:80:8080",
  ]);
});

test(".env.example has the variables of compose.yaml, and a value for those that are not required", () => {
  const example = exampleVariables();
  const used = variablesOf(composeText("compose.yaml"));
  expect(Object.keys(example).sort()).toEqual(used.map(({ name }) => name).sort());
  for (const { name, required } of used) expect([name, example[name] === ""]).toEqual([name, required]);
});

test("no password has a default", () => {
  const required = variablesOf(composeText("compose.yaml")).filter((variable) => variable.required);
  expect(required.map(({ name }) => name).sort()).toEqual(Object.keys(PASSWORDS).sort());
  expect(composeText("compose.yaml")).not.toMatch(/PASSWORD:-|PASSWORD: [^"'{]/);
});

test("a container waits for what it needs until that is healthy or done", () => {
  const { services } = setup();
  for (const [name, { depends_on = {} }] of Object.entries(services))
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const once = services[other]!.restart === "no";
      expect([name, other, condition]).toEqual([
        name,
        other,
        once ? "service_completed_successfully" : "service_healthy",
      ]);
    }
  for (const name of ["detection-ingest", "enrichment", "pipeline-bridge", "gateway"])
    expect(Object.keys(services[name]!.depends_on!).sort()).toEqual(["migrate", "redis", "streams"]);
  expect(Object.keys(services["chat-handler"]!.depends_on!).sort()).toEqual(["migrate", "qdrant", "redis", "streams"]);
  expect(services.migrate!.depends_on).toHaveProperty("postgres");
  expect(services.streams!.depends_on).toHaveProperty("nats");
});

test("every service has a container that runs it, and one container builds the image", () => {
  const containers = Object.values(setup().services);
  const names = readdirSync(join(ROOT, "services")).filter((name) => existsSync(join(ROOT, started(name))));
  const ran = containers.map(({ command }) => command?.[1]).filter((path) => path?.startsWith("services/"));
  expect(ran.sort()).toEqual(names.map(started).sort());
  const builders = containers.filter(({ build }) => build);
  expect(builders.map(({ image, build }) => [image, build])).toEqual([
    ["gatehouse:local", { context: "..", dockerfile: "compose/Dockerfile" }],
  ]);
});

test("the settings of the containers are valid, and health listens where it is asked", () => {
  const { gateway } = setup().services;
  const config = loadConfig(
    { ...sections, ...sectionsOfGateway },
    {
      file: join(COMPOSE, "gatehouse.yaml"),
      env: gateway!.environment!,
      cwd: COMPOSE,
      checks: sectionChecks,
    },
  );
  expect(config.gateway).toMatchObject({ host: "0.0.0.0", port: 8080 });
  expect(gateway!.healthcheck!.test.join(" ")).toContain(`127.0.0.1:${config.health.port}/readyz`);
  expect(config.models.detector.length).toBeGreaterThan(0);
});

test("nats.conf lets JetStream keep all that the streams may hold, and takes a picture in one message", () => {
  const gigabytes = Number(/max_file_store: (\d+)GB/.exec(composeText("nats.conf"))?.[1]);
  expect(gigabytes * 1e9).toBeGreaterThan(meshBytes(mesh()));
  expect(composeText("nats.conf")).toMatch(/^max_payload: 16MB$/m);
});

test("the Dockerfile is valid, ends as an ordinary user and needs no newer builder", () => {
  const text = composeText("Dockerfile");
  expect(validateDockerfile(text)).toEqual([]);
  expect(validateDockerfile(text.replace("WORKDIR /app", "WORKDIRS /app"))).not.toEqual([]);
  expect([...text.matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toBe("node");
  expect(text).not.toMatch(/# *syntax=|RUN --mount/);
  // A folder of the image below a volume gives the new volume its own owner.
  expect(text).not.toContain("/data/media");
});

test("the image has the Node and the pnpm of the repository", () => {
  const text = composeText("Dockerfile");
  const node = /^nodeVersion: (.*)$/m.exec(readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8"))![1];
  const pnpm = /^const PNPM = "(.*)";$/m.exec(readFileSync(join(ROOT, "start.mjs"), "utf8"))![1];
  expect([...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual([
    `node:${node}-bookworm-slim`,
    `node:${node}-bookworm-slim`,
  ]);
  expect(text).toContain(`npm install --global pnpm@${pnpm}\n`);
});

test("what the Dockerfile copies is there, and .dockerignore lets it in", () => {
  const copies = [...composeText("Dockerfile").matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, from]) =>
    from!.split(" "),
  );
  const allowed = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  expect(copies.length).toBeGreaterThan(5);
  for (const path of copies)
    expect([path, existsSync(join(ROOT, path)), allowed.includes(`!${path}`)]).toEqual([path, true, true]);
});
