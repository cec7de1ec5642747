import { PostgresDownError } from "@gatehouse/store";

/** What Postgres says; null while it is away. */
export async function unlessAway<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (error instanceof PostgresDownError) return null;
    throw error;
  });
}
