export {
  DocumentEmptyError,
  DocumentTooLargeError,
  DocumentUnreadableError,
  EmbedderUnusableError,
  UnsupportedDocumentError,
} from "./errors.ts";
export { type NumberedContext, numberedContext } from "./finding/numbered-context.ts";
export {
  createRetriever,
  type FoundPassage,
  type RetrievalQuery,
  type RetrievalSettings,
  type Retriever,
  type RetrieverParts,
} from "./finding/retriever.ts";
export { checkVectors } from "./indexing/check-vectors.ts";
export { type EmbedWaitingOptions, embedWaiting } from "./indexing/embed-waiting.ts";
export { reindex } from "./indexing/reindex.ts";
export { type SplitOutcome, splitDocument } from "./indexing/split-document.ts";
export type { SplitDocument } from "./reading/block.ts";
export { DOCUMENT_TYPES, type DocumentType } from "./reading/document-text.ts";
export { readDocument } from "./reading/read-document.ts";
export { divideText } from "./splitting/divide-text.ts";
