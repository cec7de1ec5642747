import { Command, Option } from "commander";
import { askOnce, retryOnce } from "../chat/ask-once.ts";
import { ChatLoop } from "../chat/chat-loop.ts";
import type { Manner } from "../chat/conversation.ts";
import { type Talk, whoAmI } from "../chat/talk.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { findGateway } from "../gateway/access.ts";
import { GatewayLine } from "../gateway/line.ts";
import { readInput } from "../read-input.ts";
import { idArgument } from "./id-argument.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  json: boolean;
  rag: boolean;
  rerank: boolean;
  session?: string;
  collection?: string;
  topK?: number;
}
interface LineTold {
  onState(state: "lost" | "back"): void;
  patience_ms: number;
}

const HELP = `
Without a question: a chat, until Ctrl-D; /help there lists its commands. With one: the answer on standard output, its
sources on standard error. "-" reads the question from standard input. Answers lean on documents (gatehouse docs) and on
what the house saw. When the gateway goes away, the answer goes on where it stopped.
Ends with 0 after an answer, 1 after an error, 2 when not understood.

Examples:
  gatehouse chat
  gatehouse chat "Who came to the door today?"
  gatehouse chat --json "How do I reset the gate?" | jq -r .response
  git diff | gatehouse chat --no-rag - --session review
  gatehouse chat retry cli-6f1c…`;
const RETRY_HELP = `
For an answer that ended with an error, once what it lacked is back.

Example:
  gatehouse chat retry cli-6f1c…`;
/** A question has at most 32,000 characters, each at most four bytes. */
const MOST_BYTES = 128 * 1024;
/** A person may wait as long as they like; a script shall not hang. */
const PATIENCE = { person_ms: 24 * 3_600_000, script_ms: 60_000 };

export function chatCommand(context: Context): Command {
  const chat = new Command("chat")
    .description("ask, with documents and events as sources")
    .argument("[question...]", 'one question, or "-"')
    .option("--no-rag", "do not look into documents and events")
    .option("--rerank", "have the reranker put in order what was found there", false)
    .addOption(new Option("--session <id>", "conversation to go on with").argParser(idArgument))
    .option("--collection <name>", "look into this collection only")
    .addOption(new Option("--top-k <n>", "so many sources at most").argParser(wholeNumber(1, 100)))
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (words: string[], options: Options) => {
      if (words.length > 0) return once(context, words, options);
      if (options.json) throw new UsageError("Cannot chat with --json as a question must be given: there is none");
      return chatOn(context, options);
    });
  chat
    .command("retry")
    .description("have an answer that failed tried again")
    .argument("<request_id>", "as the error named it", idArgument)
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", RETRY_HELP)
    .action(async (request_id: string, options: Options) => {
      await inScript(context, options, (talk) => retryOnce(context, talk, request_id, options));
    });
  return chat;
}

async function once(context: Context, words: readonly string[], options: Options): Promise<void> {
  const said = words.join(" ");
  const message = said === "-" ? String(await readInput(context.stdin, "a question", MOST_BYTES)) : said;
  if (message.trim() === "") throw new UsageError("Cannot ask as the question must have words: it has none");
  const { json } = options;
  await inScript(context, options, (talk) => askOnce(context, talk, { message, manner: mannerOf(options), json }));
}

function inScript(context: Context, options: Options, work: (talk: Talk) => Promise<void>): Promise<void> {
  const tell = (state: "lost" | "back") => {
    if (!options.json) context.err.write(`${stateWords(state)}\n`);
  };
  return withTalk(context, options, { onState: tell, patience_ms: PATIENCE.script_ms }, work);
}

async function chatOn(context: Context, options: Options): Promise<void> {
  let loop: ChatLoop | null = null;
  const told = { onState: (state: "lost" | "back") => loop?.tell(stateWords(state)), patience_ms: PATIENCE.person_ms };
  await withTalk(context, options, told, async (talk) => {
    loop = new ChatLoop(context, talk, mannerOf(options));
    await loop.run();
  });
}

async function withTalk(
  context: Context,
  options: Pick<Options, "home">,
  told: LineTold,
  work: (talk: Talk) => Promise<void>,
): Promise<void> {
  const access = findGateway(context, homeDir(context, options), "chat");
  const user_id = await whoAmI(access, context.interrupts.first);
  const line = new GatewayLine(access, told);
  try {
    await work({ access, user_id, line });
  } finally {
    line.close();
  }
}

function mannerOf({ session, rag, rerank, topK, collection }: Options): Manner {
  return { session_id: session ?? null, rag, rerank, top_k: topK, collection };
}

const stateWords = (state: "lost" | "back"): string =>
  state === "lost" ? "The connection is lost; trying again" : "Connected again; going on";
