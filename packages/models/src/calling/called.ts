import type { SecretRef } from "./secret.ts";

/** What every entry of a ranked list may say; `gatehouse.yaml`'s schema has the ranges. */
export interface Called {
  timeout_ms?: number;
  /** Calls of this server at a time. */
  in_flight?: number;
  /** Name of the model of a card whose lease is held during a call. */
  gpu?: string;
}

/** A server that answers for a model. */
export interface Server extends Called {
  /** No credentials, no query. */
  url: string;
  api_key?: SecretRef;
}
