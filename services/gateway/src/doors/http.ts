import type { Door, OpenDoor } from "@gatehouse/runtime";
import type { FastifyInstance } from "fastify";
import type { Deps } from "../deps.ts";
import { PortTakenError } from "../errors.ts";
import { buildApp } from "../http/app.ts";
import { openWebSockets } from "../ws/door.ts";

/** How long requests under way may take to finish when the door is closed. */
const FINISH_MS = 2_000;

/** HTTP and WebSocket on one port. */
export const httpDoor: Door<Deps> = {
  name: "http",
  async start(deps): Promise<OpenDoor> {
    const app = await buildApp(deps);
    const webSockets = openWebSockets(app.server, deps);
    const url = await listen(app, deps.config.gateway);
    let stopped: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      webSockets.close();
      const cut = setTimeout(() => app.server.closeAllConnections(), FINISH_MS).unref();
      await app.close();
      clearTimeout(cut);
    };
    return {
      url,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  },
};

async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new PortTakenError(
      `Cannot listen on ${host}:${port} as the port must be free: another program has it; choose one with --port or gateway.port`,
      { cause: error },
    );
  }
}
