import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Context } from "../context.ts";
import { UnreadableFileError } from "../errors.ts";
import { EXIT, Quit } from "../exit.ts";
import type { Access } from "../gateway/access.ts";
import { readInput } from "../read-input.ts";
import { FleetingLine } from "../terminal/fleeting-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { progressBar } from "../terminal/progress-bar.ts";
import { safeText, shorten } from "../terminal/safe-text.ts";
import { type AddNews, DocumentAdder, type NewDocument } from "./add-documents.ts";
import { type DocumentFile, findDocumentFiles, guessMediaType } from "./document-files.ts";
import { passagesOf } from "./documents.ts";

export interface AddOptions {
  json: boolean;
  recursive: boolean;
  collection?: string;
  title?: string;
}

/** What the gateway takes. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Adds documents and shows how far they are. @throws {Quit} when one failed or it was interrupted */
export async function addAll(
  context: Context,
  access: Access,
  names: readonly string[],
  options: AddOptions,
): Promise<void> {
  const { out, err, interrupts } = context;
  const documents = await namedDocuments(context, names, options);
  const count = { added: 0, unchanged: 0, failed: 0 };
  const show = options.json ? showJson(context) : showText(context);
  const tell = (news: AddNews) => {
    if (news.what === "ready") count[news.unchanged ? "unchanged" : "added"]++;
    if (news.what === "failed") count.failed++;
    show(news);
  };
  const adder = new DocumentAdder(access, { collection: options.collection, signal: interrupts.first, tell });
  try {
    await adder.add(documents);
  } finally {
    show(null);
  }
  const told = Object.entries(count).filter(([what, many]) => many > 0 || what === "added");
  if (!options.json) out.write(`${told.map(([what, many]) => `${many} ${what}`).join(", ")}\n`);
  if (interrupts.first.aborted) {
    const sent = adder.open === 0 ? "" : `${adder.open} more were sent and are read all the same. `;
    err.write(paintFor(err)("yellow", `Stopped early. ${sent}The same command again goes on\n`));
  }
  if (count.failed > 0 || interrupts.first.aborted) throw new Quit(EXIT.failed);
}

async function namedDocuments(
  { cwd, stdin }: Context,
  names: readonly string[],
  { recursive, title }: AddOptions,
): Promise<NewDocument[]> {
  const files = await findDocumentFiles(
    names.filter((name) => name !== "-"),
    { cwd, recursive },
  );
  const documents = files.map((file) => ({ ...file, title, read: reader(file) }));
  return names.includes("-") ? [await documentFrom(stdin, title), ...documents] : documents;
}

/** What comes on standard input: known by its title, else by what it says. */
async function documentFrom(stdin: Context["stdin"], title: string | undefined): Promise<NewDocument> {
  const bytes = await readInput(stdin, "a document", MOST_BYTES);
  const name = title ?? createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const uri = `stdin:${encodeURIComponent(name)}`;
  return { name: "-", uri, title, media_type: guessMediaType(bytes), read: async () => bytes };
}

function reader({ name, path }: DocumentFile): () => Promise<Uint8Array> {
  return async () => {
    try {
      const { size } = await stat(path);
      if (size <= MOST_BYTES) return await readFile(path);
      throw new UnreadableFileError(
        `Cannot add "${name}" as a document must be at most ${MOST_BYTES} bytes: it has ${size}`,
      );
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (!syscall) throw error;
      throw new UnreadableFileError(`Cannot add "${name}" as it must be a file that can be read: ${code}`, {
        cause: error,
      });
    }
  };
}

/** Null: nothing more comes. */
type Show = (news: AddNews | null) => void;

function showJson({ out }: Context): Show {
  return (news) => {
    if (news?.what === "failed") out.write(`${JSON.stringify({ file: news.name, error: news.error })}\n`);
    if (news?.what !== "ready") return;
    const { what: state, name: file, ...fields } = news;
    out.write(`${JSON.stringify({ file, state, ...fields })}\n`);
  };
}

function showText({ out, err }: Context): Show {
  const paint = paintFor(out);
  const line = new FleetingLine(out);
  return (news) => {
    line.hide();
    if (news?.what === "failed") {
      const { code, message } = news.error;
      err.write(`${paintFor(err)("red", "✗")} ${safeText(news.name)}  ${code}  ${safeText(message)}\n`);
    }
    if (news?.what === "ready" && news.unchanged) out.write(paint("dim", `= ${safeText(news.name)}  unchanged\n`));
    if (news?.what === "ready" && !news.unchanged)
      out.write(`${paint("green", "✓")} ${safeText(news.name)}  ${passagesOf(news.passages ?? 0)}\n`);
    if (news?.what === "progress" && news.settled < news.documents) line.show(shorten(progress(news), out.columns - 1));
  };
}

function progress({ settled, documents, passages, embedded }: Extract<AddNews, { what: "progress" }>): string {
  return `${progressBar(settled, documents)}  ${settled} of ${documents} documents, ${embedded} of ${passages} passages`;
}
