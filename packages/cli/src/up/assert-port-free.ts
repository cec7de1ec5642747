import { once } from "node:events";
import { createServer } from "node:net";
import { PortTakenError } from "../errors.ts";

/** Looks whether the gateway can listen, before anything is started. Port 0 always can. @throws {PortTakenError} */
export async function assertPortFree({ host, port }: { host: string; port: number }): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const seen = code === "EADDRINUSE" ? "another program listens there" : code;
    throw new PortTakenError(
      `Cannot listen on ${host}:${port} as it must be free: ${seen}; use --port N (0: any free port)`,
      { cause },
    );
  } finally {
    server.close();
  }
}
