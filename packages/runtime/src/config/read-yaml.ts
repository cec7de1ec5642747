import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml";
import { childPath, type Origin, type PlacedFault, type Written } from "./configuration.ts";

/** More than any real file holds; an alias counts what it stands for, so that a few lines cannot become gigabytes. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 32;

/** Reads YAML 1.2 as plain values, each with its line. What is not YAML at all comes back as faults with lines. */
export function readYaml(text: string, name: string): Written {
  const lines = new LineCounter();
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  if (nestsTooDeep(text)) return tooMuch(name);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const faults: PlacedFault[] = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    place: at(pos[0]),
    message: problem(code, message, keyAt(text, pos[0])),
  }));
  const onlyDuplicates = document.errors.every((error) => error.code === "DUPLICATE_KEY");
  if (!onlyDuplicates) return { values: {}, origins: new Map(), faults };

  const reader = new YamlReader((node) => lines.linePos(node.range?.[0] ?? 0).line);
  const values = reader.read(document.contents, "", 0);
  for (const { source, line } of reader.unresolved)
    faults.push({
      place: `${name}:${line}`,
      message: `is not YAML: alias ${JSON.stringify(source)} has no anchor before it`,
    });
  if (reader.full) return tooMuch(name);
  if (values === null) return { values: {}, origins: reader.origins, faults };
  if (typeof values === "object" && !Array.isArray(values))
    return { values: values as Record<string, unknown>, origins: reader.origins, faults };
  return {
    values: {},
    origins: reader.origins,
    faults: [...faults, { place: `${name}:1`, message: "must be a map of sections" }],
  };
}

const tooMuch = (name: string): Written => ({
  values: {},
  origins: new Map(),
  faults: [{ place: name, message: `must hold at most ${MAX_VALUES} values, nested at most ${MAX_DEPTH} deep` }],
});

/**
 * A few kilobytes of `- - - -` or `[[[[` make the parser (yaml 2.9.1) end the whole process: `RegExpCompiler Allocation
 * failed`. So nesting is bounded before it sees the text; brackets inside quotes count too.
 */
function nestsTooDeep(text: string): boolean {
  if (/(?:[-?:][ \t]+){40}|^[ \t]{200}/m.test(text)) return true;
  let open = 0;
  for (let index = 0; index < text.length && open <= 2 * MAX_DEPTH; index++) {
    const char = text[index];
    if (char === "[" || char === "{") open += 1;
    else if ((char === "]" || char === "}") && open > 0) open -= 1;
  }
  return open > 2 * MAX_DEPTH;
}

function problem(code: string, message: string, key: string): string {
  if (code === "DUPLICATE_KEY") return `has the key ${key} twice`;
  return code === "MULTIPLE_DOCS" ? "must hold one document" : `is not YAML: ${message}`;
}

/** The key as it is written there: never what follows it. */
function keyAt(text: string, offset: number): string {
  return JSON.stringify(/^["']?([^"':\n]{0,64})/.exec(text.slice(offset, offset + 80))?.[1] ?? "");
}

class YamlReader {
  readonly origins = new Map<string, Origin>();
  readonly unresolved: { source: string; line: number }[] = [];
  full = false;
  readonly #lineOf: (node: Node) => number;
  readonly #anchors = new Map<string, ParsedNode>();
  #left = MAX_VALUES;

  constructor(lineOf: (node: Node) => number) {
    this.#lineOf = lineOf;
  }

  read(node: unknown, path: string, depth: number): unknown {
    this.#left -= 1;
    if (this.#left < 0 || depth > MAX_DEPTH) this.full = true;
    if (this.full || node === null || node === undefined) return null;
    const known = node as ParsedNode;
    if (isAlias(known)) return this.#readAlias(known, path, depth);
    if (known.anchor) this.#anchors.set(known.anchor, known);
    if (isScalar(known)) return known.value;
    if (isSeq(known)) return known.items.map((item, index) => this.#place(item, item, childPath(path, index), depth));
    return isMap(known) ? this.#readMap(known, path, depth) : null;
  }

  #readAlias(alias: ParsedNode & { source: string }, path: string, depth: number): unknown {
    const node = this.#anchors.get(alias.source);
    if (node) return this.read(node, path, depth + 1);
    this.unresolved.push({ source: alias.source, line: this.#lineOf(alias) });
    return null;
  }

  #readMap(map: ParsedNode & { items: unknown[] }, path: string, depth: number): Record<string, unknown> {
    const values: Record<string, unknown> = Object.create(null);
    for (const { key, value } of map.items as { key: ParsedNode; value: ParsedNode | null }[]) {
      const name = String(isScalar(key) ? key.value : key);
      values[name] = this.#place(value, key, childPath(path, name), depth);
    }
    return values;
  }

  #place(node: unknown, where: unknown, path: string, depth: number): unknown {
    if (where) this.origins.set(path, { line: this.#lineOf(where as Node) });
    return this.read(node, path, depth + 1);
  }
}
