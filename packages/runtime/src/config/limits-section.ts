import { Type } from "@sinclair/typebox";

const most = (initial: number, maximum: number, description: string) =>
  Type.Integer({ minimum: 1, maximum, default: initial, description });

/** How much one key, one address, one camera and one WebSocket may ask for. */
export const limits = Type.Object({
  requests_per_min: most(60, 1_000_000, "Requests of one key"),
  requests_burst: most(10, 1_000_000, "Requests of one key above that, at once"),
  media_per_min: most(120, 1_000_000, "Snapshots that one key may fetch"),
  documents_per_min: most(300, 1_000_000, "Documents that one key may send in"),
  search_per_min: most(30, 1_000_000, "Searches and embeddings of one key"),
  ai_per_min: most(10, 1_000_000, "Questions of one key to a model"),
  ai_burst: most(3, 1_000_000, "Questions of one key above that, at once"),
  address_per_min: most(600, 1_000_000, "Requests of one address, whatever its keys; pictures sent in are not counted"),
  wrong_keys_per_min: most(10, 100_000, "Wrong keys that one address may try"),
  frames_per_s: most(20, 10_000, "Pictures that one camera may send in"),
  uploads_mb: most(
    256,
    65_536,
    "Memory for pictures that are being received, and as much for documents and questions to models",
  ),
  ws_connections_per_key: most(6_000, 100_000, "WebSocket connections of one key"),
  ws_connections_per_address: most(6_000, 100_000, "WebSocket connections of one address"),
  ws_subscriptions: most(100, 10_000, "Subscriptions of one connection"),
  ws_ops_per_s: most(50, 100_000, "Requests on one connection; twice as many at once"),
  ws_buffer_kb: Type.Integer({
    minimum: 256,
    maximum: 1_048_576,
    default: 1_024,
    description: "What may wait for a slow connection before its subscriptions end",
  }),
  ws_catch_ups: most(32, 10_000, "Subscriptions that read the past at the same time; others wait"),
});
