import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { applyStreams, createLog, type NatsBus, openBus } from "@gatehouse/runtime";
import { mesh, STREAM_DEFAULTS } from "@gatehouse/streams";

/** A broker with all streams, the connection to it, and what ends both. */
export async function startBus(): Promise<{ bus: NatsBus; stop: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-test-"));
  const { nats } = await startServers(dir, ["nats"]);
  const log = createLog({ name: "test", level: "debug", home: dir, stdout: "silent" });
  const bus = await openBus({ nats_url: nats.url, user: nats.user, password: nats.password, name: "test", log });
  await applyStreams(bus, mesh({ ...STREAM_DEFAULTS, frames_mb: 64, dead_letters_mb: 64 }));
  const stop = async (): Promise<void> => {
    await bus.close();
    await nats.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  return { bus, stop };
}
