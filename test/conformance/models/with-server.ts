import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { Open } from "./client.conformance.ts";

/** Opens a client of reference models of its own. */
export function withServer<C extends { close(): Promise<void> }>(
  door: keyof ReferenceModels["failures"],
  make: (server: ReferenceModels, timeout_ms: number) => C,
): Open<C> {
  return async ({ timeout_ms = 10_000 } = {}) => {
    const server = await startReferenceModels({ grpc_port: 0, wyoming_port: 0 });
    const client = make(server, timeout_ms);
    return {
      client,
      switches: server.failures[door],
      async stop() {
        await client.close();
        await server.stop();
      },
    };
  };
}
