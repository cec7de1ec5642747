import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@gatehouse/local";

/** Somebody else's broker: JetStream on, everything else as the program comes (messages of 1 MB at most, no user). */
export async function startBareBroker(): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-bare-"));
  const port = await freePort();
  const args = ["-js", "-sd", dir, "-a", "127.0.0.1", "-p", String(port)];
  const broker = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(broker, "exit");
  let said = "";
  for await (const chunk of broker.stderr) {
    said += chunk;
    if (said.includes("Server is ready")) break;
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      broker.kill();
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
