import { defineError } from "@gatehouse/errors";

/** Postgres does not answer, refuses connections, is out of resources or took longer than its time limit. */
export const PostgresDownError = defineError("POSTGRES_DOWN", "later", { dependency: "postgres" });
/** Redis does not answer in time, is not connected, or is loading its data. */
export const RedisDownError = defineError("REDIS_DOWN", "later", { dependency: "redis" });
/** Too much waits to be written, or a transaction lost against others again and again. */
export const StoreBusyError = defineError("STORE_BUSY", "later");
/** A cursor that was not given out by the same list. */
export const BadCursorError = defineError("BAD_CURSOR", "never");
/** The database was migrated by a newer version of this program. */
export const DatabaseNewerError = defineError("DATABASE_NEWER", "never");
/** Where vectors are kept does not answer, is closed, or cannot write. */
export const VectorsDownError = defineError("VECTORS_DOWN", "later", { dependency: "vectors" });
/** A vector that the set cannot take: other dimensions, not finite, a name or a count out of bounds. */
export const VectorMismatchError = defineError("VECTOR_MISMATCH", "never");
