// The bootstrap: brings what is missing, then hands over. No dependency; runs on Node 18 and later.
//   node start.mjs [up ...]    brings Gatehouse up (also without arguments)
//   node start.mjs test ...    proves everything
//   node start.mjs <verb> ...  any other verb of the command
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = 24;
const PNPM = "12.21.0";
const ROOT = dirname(fileURLToPath(import.meta.url));
const MODULES = join(ROOT, "node_modules");
const RECORD = join(MODULES, ".gatehouse-install");
const OWN_NODE = join(MODULES, ".bin", "node");
/** Where Debian and local installations put servers; an ordinary user's PATH lacks some of them. */
const USUAL = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];
/** The programs that `up` and `test` start, each with the variable that says where one runs already. */
const SERVERS = { "nats-server": "NATS_URL", "redis-server": "REDIS_URL" };

const args = process.argv.slice(2);
if (args.length === 0) args.push("up");
installPackages();
if (["up", "test"].includes(args[0]) && !args.includes("--help")) installServers(args[0]);
handOver();

/** Installs the packages unless the lockfile is the one of the last successful install. */
function installPackages() {
  const wanted = lockfileHash();
  if (read(RECORD) === wanted && existsSync(nodeProgram())) return;
  rmSync(RECORD, { force: true });
  const [program, ...first] = pnpmCommand();
  const command = [...first, "install", "--frozen-lockfile"];
  say(`Installing the packages: ${[program, ...command].join(" ")}`);
  const { status, error } = spawnSync(program, command, { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (status !== 0) fail(`Cannot install the packages as "${program}" must exit with 0: ${error ?? status}`);
  if (!existsSync(nodeProgram())) fail(`Cannot go on as Node must be ${NODE_MAJOR} or later: it is ${process.version}`);
  writeFileSync(RECORD, wanted);
}

function lockfileHash() {
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "pnpm-lock.yaml")));
  return hash.update(`${process.platform} ${process.arch}`).digest("hex");
}

/** The pnpm on PATH when it is of the right major version, else the one that npx brings. */
function pnpmCommand() {
  const env = { ...process.env, COREPACK_ENABLE_NETWORK: "0" };
  const found = spawnSync("pnpm", ["--version"], { cwd: ROOT, env, encoding: "utf8", timeout: 5000 });
  const fits = found.status === 0 && found.stdout.trim().split(".")[0] === PNPM.split(".")[0];
  return fits ? ["pnpm"] : ["npx", "-y", `pnpm@${PNPM}`];
}

/** Installs the servers that are missing, as root or through `sudo -n`; otherwise says how, and ends. */
function installServers(verb) {
  const elsewhere = (name) => verb === "up" && process.env[SERVERS[name]];
  const missing = Object.keys(SERVERS).filter((name) => !elsewhere(name) && !find(name));
  if (missing.length === 0) return;
  const packages = missing.join(" ");
  const line = `apt-get update && apt-get install -y --no-install-recommends ${packages}`;
  const prefix = rightToInstall();
  if (prefix === null)
    fail(`Cannot go on as ${missing.join(" and ")} must be on this machine. Run as root:\n  ${line}`);
  say(`Installing the servers: ${prefix.join(" ")} ${line}`.replace("  ", " "));
  say("Their system services stay off: Gatehouse starts its own on free ports of 127.0.0.1.");
  const [program, ...rest] = [...prefix, "sh", "-c", withoutServices(line, packages)];
  const { status } = spawnSync(program, rest, { stdio: ["ignore", 2, 2] });
  const still = missing.filter((name) => !find(name));
  if (status !== 0 || still.length > 0) fail(`Cannot install ${packages} as apt-get must exit with 0: ${status}`);
}

/** What to put before a command to run it as root: nothing, `sudo -n`, or null when there is no way. */
function rightToInstall() {
  if (!find("apt-get")) return null;
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : null;
}

/**
 * Debian's packages start their server at once and at every boot. While they are installed, a policy-rc.d that answers 101
 * ("forbidden") prevents the first, unless this machine has a policy of its own; `disable` prevents the second.
 */
function withoutServices(line, packages) {
  return `
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      trap 'exit 130' HUP INT TERM
      printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
    fi
    { ${line}; } || exit
    if [ -d /run/systemd/system ]; then systemctl disable ${packages} || true; fi`;
}

/**
 * Runs the verb with a Node that is new enough, as a child in our process group, and ends as it ends. Ctrl-C reaches the
 * whole group: we only wait. SIGTERM and SIGHUP may be meant for us alone and are passed on.
 */
function handOver() {
  const script = args[0] === "test" ? ["test/gate.ts", ...args.slice(1)] : ["packages/cli/src/main.ts", ...args];
  const child = spawn(nodeProgram(), [join(ROOT, script[0]), ...script.slice(1)], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: [join(MODULES, ".bin"), process.env.PATH].filter(Boolean).join(delimiter),
      NODE_COMPILE_CACHE: join(MODULES, ".cache", "compile"),
    },
  });
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`Cannot run "${nodeProgram()}": ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + osConstants.signals[signal]));
}

/** This Node when it is new enough, else the one that the packages bring. */
function nodeProgram() {
  return Number.parseInt(process.versions.node, 10) >= NODE_MAJOR ? process.execPath : OWN_NODE;
}

/** Path of a program on PATH or in the usual folders; undefined when there is none. */
function find(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...USUAL];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** For people; standard output belongs to the verb. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
