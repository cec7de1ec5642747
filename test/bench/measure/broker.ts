import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { applyStreams, type Backing, createLog, type NatsBus, openBus } from "@gatehouse/runtime";
import type { MeshDeclaration } from "@gatehouse/streams";

/** A broker of its own with the streams of one bench; nothing else runs. */
export interface Broker {
  dir: string;
  pid: number;
  /** URLs of the other servers are empty. */
  backing: Backing;
  bus: NatsBus;
  stop(): Promise<void>;
}

export async function startBroker(declared: MeshDeclaration): Promise<Broker> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  const { nats } = await startServers(dir, ["nats"]);
  const log = createLog({ name: "bench", level: "warn", home: dir, stdout: "silent" });
  const { url: nats_url, user, password } = nats;
  const bus = await openBus({ nats_url, user, password, name: "bench", log });
  await applyStreams(bus, declared);
  const backing = {
    nats_url,
    nats_user: user,
    nats_password: password,
    database_url: "",
    redis_url: "",
    qdrant_url: null,
  };
  const stop = async (): Promise<void> => {
    await bus.close();
    await nats.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  return { dir, pid: nats.pid!, backing, bus, stop };
}
