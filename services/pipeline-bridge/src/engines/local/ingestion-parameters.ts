/** What document-ingestion in the house is asked for. */
export type IngestionParameters = { collection: string } & (
  | { path: string }
  | { text: string; uri: string; title: string | null; media_type: string }
);

/** Parameters that fit the schema of the catalogue, with what was left out. */
export function ingestionParameters(given: Record<string, unknown>): IngestionParameters {
  const { collection = "documents", path = ".", text, uri, title = null, media_type = "text/plain" } = given;
  const said = text === undefined ? { path } : { text, uri, title, media_type };
  return { collection, ...said } as IngestionParameters;
}
