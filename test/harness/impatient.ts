import type { MeshDeclaration } from "@gatehouse/streams";
import type { World } from "./world.ts";

/** The same streams with redelivery after a second, so that a test need not wait for ten. */
export function impatient({ streams, buckets }: MeshDeclaration): MeshDeclaration {
  return {
    buckets,
    streams: streams.map((stream) => ({
      ...stream,
      consumers: stream.consumers.map((consumer) => ({ ...consumer, ack_wait_ms: 1_000 })),
    })),
  };
}

/** The time passes for which a dead process held its due work. */
export async function leasesRunOut({ db }: Pick<World, "db">): Promise<void> {
  await db.query("update due set lease_until_ms = null, lease_token = null where lease_until_ms is not null");
}
