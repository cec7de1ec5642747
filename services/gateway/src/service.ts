import { defineService } from "@gatehouse/runtime";
import { config } from "./config.ts";
import { httpDoor } from "./doors/http.ts";
import { start } from "./start.ts";

export { createLoginCode, type LoginCode } from "./auth/login-code.ts";
export { coversOthers } from "./personal-subjects.ts";
export { ADMIN_USER } from "./rights.ts";

/** HTTP and WebSocket in, the bus and the stores behind: the only door for people and apps. */
export const service = defineService({ name: "gateway", config, doors: [httpDoor], start });
