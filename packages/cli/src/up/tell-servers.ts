import { askServers, type Backing } from "@gatehouse/local";
import type { Tell } from "./news.ts";

/** Says which backing servers there are, and whose. */
export async function tellServers(backing: Backing, tell: Tell): Promise<void> {
  for (const { server, version, address } of await askServers(backing)) {
    const whose = backing.owned.includes(server) ? "" : " (yours)";
    tell({ what: "ready", part: server, version, where: `on ${address}${whose}` });
  }
}
