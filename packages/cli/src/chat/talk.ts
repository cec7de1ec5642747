import { GatewayRefusedError } from "../errors.ts";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import type { GatewayLine } from "../gateway/line.ts";

/** A person, and the ways in which they reach the gateway. */
export interface Talk {
  user_id: string;
  access: Access;
  line: GatewayLine;
}

/** What an admin's key that is nobody's chats as. */
const ADMIN = "admin";

/** Whose key it is. @throws {GatewayRefusedError} when it is nobody's */
export async function whoAmI(access: Access, signal: AbortSignal): Promise<string> {
  const { role, user_id } = await askGateway<{ role: string; user_id: string | null }>(access, "/api/session", {
    signal,
  });
  if (user_id !== null) return user_id;
  if (role === "admin") return ADMIN;
  throw new GatewayRefusedError(
    "Cannot chat as the key must be a person's: it is nobody's; gatehouse keys create --user <id> makes one",
    { facts: { role } },
  );
}
