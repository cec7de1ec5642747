const NAME = "[A-Za-z0-9_-]{1,64}";
const PRINTED = "^[^\\u0000-\\u001f\\u007f]+$";

/** JSON Schema of what document-ingestion in the house takes: files by their path, or a text with the uri that names it. */
export const documentIngestion: Readonly<Record<string, unknown>> = {
  type: "object",
  properties: {
    collection: {
      type: "string",
      pattern: `^(?!events$)${NAME}$`,
      description: "Any but events; documents unless said",
    },
    path: {
      type: "string",
      pattern: PRINTED,
      maxLength: 1024,
      description: "A file or a folder in <home>/documents; all of it unless said",
    },
    text: { type: "string", minLength: 1, description: "Instead of a path" },
    uri: {
      type: "string",
      pattern: PRINTED,
      maxLength: 2048,
      description: "Names the text: put again, it is replaced",
    },
    title: { type: "string", pattern: PRINTED, maxLength: 256 },
    media_type: { enum: ["text/plain", "text/markdown", "text/html"], description: "text/plain unless said" },
  },
  additionalProperties: false,
  dependencies: { text: ["uri"], uri: ["text"], title: ["text"], media_type: ["text"] },
  not: { required: ["path", "text"] },
};
