import { extname } from "node:path";

/** Files that can be read as documents, by the end of their names. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".md": "text/markdown",
  ".markdown": "text/markdown",
  ".txt": "text/plain",
  ".html": "text/html",
  ".htm": "text/html",
  ".pdf": "application/pdf",
};

/** How the names of documents may end. */
export const DOCUMENT_ENDINGS: readonly string[] = Object.keys(MEDIA_TYPES);

/** What a file of that name is read as; undefined when it is no document. */
export const documentType = (name: string): string | undefined => MEDIA_TYPES[extname(name).toLowerCase()];
