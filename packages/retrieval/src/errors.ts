import { defineError } from "@gatehouse/errors";

/** A document that is no text, Markdown, HTML or PDF, or not what it is said to be. */
export const UnsupportedDocumentError = defineError("UNSUPPORTED_DOCUMENT", "never");
/** A document that cannot be read: broken, locked with a password, or made to exhaust whoever reads it. */
export const DocumentUnreadableError = defineError("DOCUMENT_UNREADABLE", "never");
/** A document with more bytes, pages or text than are taken. */
export const DocumentTooLargeError = defineError("DOCUMENT_TOO_LARGE", "never");
/** A document without a word: an empty file, a scan. */
export const DocumentEmptyError = defineError("DOCUMENT_EMPTY", "never");
/** The embedder takes no text at all: a model that it does not have, or one that is broken. */
export const EmbedderUnusableError = defineError("EMBEDDER_UNUSABLE", "later", { dependency: "embedder" });
