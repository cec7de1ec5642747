import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { type AddOptions, addAll } from "../docs/add.ts";
import {
  allDocuments,
  DOCUMENTS,
  findDocument,
  ID_SHOWN,
  type KnownDocument,
  passagesOf,
  pathOf,
} from "../docs/documents.ts";
import { UsageError } from "../errors.ts";
import { type Access, findGateway } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { when } from "../terminal/event-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { passageTexts, placeOf } from "../terminal/source-lines.ts";
import { table } from "../terminal/table.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  json: boolean;
  collection?: string;
}
interface SearchOptions extends Options {
  topK?: number;
  rerank: boolean;
}
interface Found {
  id: string;
  kind: "document" | "event" | "turn";
  text: string;
  score: number;
  uri: string | null;
}

const HELP = `
What answers lean on: .md, .txt, .html and .pdf, at most 32 MiB each.

Examples:
  gatehouse docs add notes/*.md
  gatehouse docs add --recursive ./manuals --collection manuals
  curl -s https://example.com/page.html | gatehouse docs add - --title "opening hours"
  gatehouse docs search "gate code"
  gatehouse docs remove notes/old.md`;
const ADD_HELP = `
A document is known by where its file is: added again, only what changed in it is read anew. After Ctrl-C the same command
goes on. Ends with 1 when a document failed; the others are added all the same.

Examples:
  gatehouse docs add notes/*.md 'manuals/**/*.pdf'
  gatehouse docs add --recursive ./notes --collection house
  echo "The gate code is on the fridge" | gatehouse docs add - --title "gate code"`;

export function docsCommand(context: Context): Command {
  const docs = new Command("docs").description("documents that answers lean on").addHelpText("after", HELP);
  const verb = (name: string, description: string, help: string) =>
    docs
      .command(name)
      .description(description)
      .option("--collection <name>", "of one collection")
      .addOption(homeOption())
      .addOption(jsonOption())
      .addHelpText("after", help);
  const example = (line: string) => `\nExample:\n  gatehouse docs ${line}`;
  verb("add", "add documents, or what changed in them", ADD_HELP)
    .argument("<file...>", 'files, patterns, folders, or "-"')
    .option("--recursive", "all documents in folders", false)
    .option("--title <words>", 'what a single document is called; needed to replace one that came from "-"')
    .action((names: string[], options: Options & AddOptions) => add(context, names, options));
  verb("list", "all documents, newest first", example("list --collection manuals")).action((options: Options) =>
    list(context, options),
  );
  verb("remove", "remove documents and their passages", example("remove notes/old.md"))
    .argument("<document...>", "ids (12 characters are enough), URIs or files")
    .action((names: string[], options: Options) => remove(context, names, options));
  verb("search", "what a question would find", example('search "gate code" --top-k 3'))
    .argument("<words...>", "a question or some words")
    .addOption(new Option("--top-k <n>", "so many at most").argParser(wholeNumber(1, 100)))
    .option("--rerank", "have the reranker put in order what was found", false)
    .action((words: string[], options: SearchOptions) => search(context, words, options));
  verb("reindex", "embed everything anew, after another model took over", example("reindex")).action(
    (options: Options) => reindex(context, options),
  );
  return docs;
}

const access = (context: Context, options: Options, action: string): Access =>
  findGateway(context, homeDir(context, options), action);

async function add(context: Context, names: string[], options: Options & AddOptions): Promise<void> {
  if (options.title !== undefined && names.length > 1)
    throw new UsageError(`Cannot add documents as --title is for a single one: there are ${names.length}`);
  await addAll(context, access(context, options, "add documents"), names, options);
}

async function list(context: Context, options: Options): Promise<void> {
  const { out, cwd } = context;
  const items: KnownDocument[] = [];
  const gateway = access(context, options, "list documents");
  for await (const document of allDocuments(gateway, options.collection)) items.push(document);
  if (options.json) return void out.write(`${JSON.stringify({ items, next_cursor: null })}\n`);
  if (items.length === 0) return void out.write("No documents: gatehouse docs add <file...>\n");
  const rows = items.map((one) => [
    one.document_id.slice(0, ID_SHOWN),
    one.collection,
    stateWords(one),
    when(one.updated_at_ms),
    placeOf(one.uri, cwd),
    one.title ?? "",
  ]);
  out.write(table(["id", "collection", "state", "changed", "where", "title"], rows, paintFor(out)));
}

function stateWords({ state, passages, embedded, error }: KnownDocument): string {
  if (state === "failed") return `failed: ${error?.code ?? "?"}`;
  return state === "ready" ? passagesOf(passages) : `${state} ${embedded}/${passages}`;
}

async function remove(context: Context, names: readonly string[], options: Options): Promise<void> {
  const gateway = access(context, options, "remove documents");
  for (const name of names) {
    const { document_id, uri } = await findDocument(gateway, name, {
      cwd: context.cwd,
      collection: options.collection,
    });
    await askGateway<null>(gateway, pathOf(document_id), { method: "DELETE" });
    context.out.write(options.json ? `${JSON.stringify({ document_id, uri })}\n` : `Removed ${name}\n`);
  }
}

async function search(context: Context, words: readonly string[], options: SearchOptions): Promise<void> {
  const { out, cwd } = context;
  const query = words.join(" ").trim();
  if (query === "") throw new UsageError("Cannot search as there must be words: there are none");
  const found = await askGateway<{ items: Found[] }>(access(context, options, "search"), `${DOCUMENTS}/search`, {
    method: "POST",
    body: { query, collection: options.collection, top_k: options.topK, rerank: options.rerank },
    signal: context.interrupts.first,
  });
  if (options.json) return void out.write(`${JSON.stringify(found)}\n`);
  if (found.items.length === 0) return void out.write("Nothing fits\n");
  const passages = found.items.map(({ uri, ...rest }) => ({ ...rest, ...(uri === null ? {} : { uri }) }));
  for (const line of passageTexts(passages, { paint: paintFor(out), columns: out.columns, cwd }))
    out.write(`${line}\n`);
}

async function reindex(context: Context, options: Options): Promise<void> {
  const { collection, json } = options;
  const body = collection === undefined ? {} : { collection };
  const path = `${DOCUMENTS}/reindex`;
  const gateway = access(context, options, "embed anew");
  const done = await askGateway<{ passages: number }>(gateway, path, { method: "POST", body });
  if (json) context.out.write(`${JSON.stringify(done)}\n`);
  else
    context.out.write(`To be embedded anew: ${passagesOf(done.passages)}; gatehouse docs list shows how far it is\n`);
}
