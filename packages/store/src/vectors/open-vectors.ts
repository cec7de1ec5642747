import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { QdrantVectors } from "./qdrant-vectors.ts";
import { SqliteVectors } from "./sqlite-vectors.ts";
import type { VectorStore } from "./vector-store.ts";

export interface VectorsAt {
  /** The home folder: `vectors.db` lies in it. */
  home: string;
  /** Qdrant's HTTP address, used instead of the file; null: none. A password in it is the key that Qdrant asks for. */
  qdrant_url: string | null;
  /** Told when the file was removed, replaced or, being no database, renamed: an empty one is begun. */
  onLost?: (why: string) => void;
}

/** Opens Qdrant where it is given, else sqlite-vec in `<home>/vectors.db`. Connects with the first call. */
export function openVectors({ home, qdrant_url, onLost = () => {} }: VectorsAt): VectorStore {
  if (qdrant_url !== null) return new QdrantVectors(qdrant_url);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return new SqliteVectors(join(home, "vectors.db"), onLost);
}
