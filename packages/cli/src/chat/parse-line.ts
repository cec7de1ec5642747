/** What a person typed at the prompt. */
type Typed =
  | { what: "nothing" }
  | { what: "question"; text: string }
  | { what: "command"; name: CommandName; argument: string }
  | { what: "unknown"; name: string };

/** The commands of the prompt, and what they do. */
export const COMMANDS = {
  new: "begin a new conversation",
  session: "list conversations; /session <id> goes on with one",
  sources: "what the last answer was made from, in full",
  retry: "have the last answer tried again after an error",
  rag: "on|off: look into documents and events, or do not",
  cancel: "stop the answer that is coming (so does Ctrl-C)",
  help: "this list",
  quit: "leave (so do Ctrl-C and Ctrl-D)",
} as const;

export type CommandName = keyof typeof COMMANDS;

/** Reads a line: `/name argument` is a command, all else a question; a space before the slash makes it one, too. */
export function parseLine(line: string): Typed {
  const [, name, argument = ""] = /^\/([a-z]*)(?:\s+(.*))?$/is.exec(line.trimEnd()) ?? [];
  if (name !== undefined) {
    if (Object.hasOwn(COMMANDS, name)) return { what: "command", name: name as CommandName, argument: argument.trim() };
    return { what: "unknown", name };
  }
  const text = line.trim();
  return text === "" ? { what: "nothing" } : { what: "question", text };
}

/** The commands that begin with what was typed, for the Tab key. */
export function completeLine(line: string): [string[], string] {
  const names = Object.keys(COMMANDS).map((name) => `/${name}`);
  return [line.startsWith("/") ? names.filter((name) => name.startsWith(line)) : [], line];
}
