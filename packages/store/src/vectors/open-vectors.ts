import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QdrantVectors } from "./qdrant-vectors.ts";
import { SqliteVectors } from "./sqlite-vectors.ts";
import type { VectorStore } from "./vector-store.ts";

export interface VectorsAt {
  /** The home folder: `vectors.db` lies in it. */
  home: string;
  /** Qdrant's HTTP address, used instead of the file; null: none. */
  qdrant_url: string | null;
  /** Sent to Qdrant as `api-key`. */
  qdrant_api_key?: string | null;
}

/** Opens Qdrant where it is given, else sqlite-vec in `<home>/vectors.db`. Connects with the first call. */
export function openVectors({ home, qdrant_url, qdrant_api_key = null }: VectorsAt): VectorStore {
  if (qdrant_url !== null) return new QdrantVectors(qdrant_url, qdrant_api_key);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return new SqliteVectors(join(home, "vectors.db"));
}
