import type { Server } from "../calling/called.ts";

/** A model behind KServe v2 (Triton and others). */
export interface KserveConfig extends Server {
  /** Over gRPC the url has no path; `https` for TLS. */
  kind: "kserve-grpc" | "kserve-http";
  /** The model's name at the server. */
  model: string;
  /** The server's choice unless said. */
  version?: string;
  /** Items in one request at most; 1: no batching. */
  batch?: number;
}

/** What is filled in. */
export const KSERVE_DEFAULTS = Object.freeze({ timeout_ms: 2_000, in_flight: 64, batch: 1 });
