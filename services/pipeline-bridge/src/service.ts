import { type Catalogue, defineService } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import { config } from "./config.ts";
import { SERVICE } from "./service-name.ts";
import { start } from "./start.ts";

/** What the flow leans on. */
export interface Deps {
  readonly db: Database;
  readonly catalogue: Catalogue;
}

export const service = defineService({ name: SERVICE, config, start });
