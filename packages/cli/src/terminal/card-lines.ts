import type { CardStatus, ModelOnCard, PendingLoad } from "@gatehouse/models";
import type { Colour, Paint } from "./paint.ts";
import { safeText, shorten } from "./safe-text.ts";

const COLOURS: Colour[] = ["cyan", "magenta", "yellow", "blue", "green", "redBright"];
/** What takes a part of the bar, by its state. */
const FILLS: Record<ModelOnCard["state"], string> = { loading: "▒", loaded: "█", unloading: "░" };
const FREE = "·";
const INDENT = 2;
const MOST_BAR = 72;

/** One card for a terminal: a bar of its memory, what takes it and who holds that, who waits in which place. */
export function cardLines(card: CardStatus, paint: Paint, columns: number): string[] {
  const { card: id, vram_budget_mb, vram_used_mb, vram_available_mb, utilization } = card;
  const models = [...card.loaded_models].sort((a, b) => b.vram_mb - a.vram_mb);
  const coloured = models.map((model, i) => ({ model, colour: COLOURS[i % COLOURS.length]! }));
  const width = Math.max(10, Math.min(MOST_BAR, columns - INDENT - 2));
  const parts = coloured.map(({ model, colour }) => ({ model, colour, cells: cellsOf(model, vram_budget_mb, width) }));
  const taken = parts.reduce((sum, { cells }) => sum + cells, 0);
  const bar = parts.map(({ model, colour, cells }) => paint(colour, FILLS[model.state].repeat(cells))).join("");
  const percent = `${Math.round(utilization * 100)} %`;
  return [
    `${paint("bold", id)}  ${mb(vram_used_mb)} of ${mb(vram_budget_mb)} used (${percent}), ${mb(vram_available_mb)} free`,
    `${" ".repeat(INDENT)}${bar}${paint("dim", FREE.repeat(Math.max(0, width - taken)))}`,
    ...coloured.map(({ model, colour }) => modelLine(model, paint(colour, FILLS[model.state]), { models, columns })),
    ...card.pending_loads.map((pending) => pendingLine(pending, paint)),
  ];
}

/** Each model has a cell at least, and the bar no more cells than it has. */
const cellsOf = ({ vram_mb }: ModelOnCard, budget_mb: number, width: number): number =>
  Math.min(width, Math.max(1, Math.floor((vram_mb / budget_mb) * width)));

function modelLine(
  { name, state, vram_mb, priority, resident, holders, fault }: ModelOnCard,
  mark: string,
  { models, columns }: { models: readonly ModelOnCard[]; columns: number },
): string {
  const names = Math.max(...models.map((model) => model.name.length));
  const kind = resident ? "resident" : (priority ?? "not in the configuration");
  const users = holders.length > 0 ? `held by ${holders.map(safeText).join(", ")}` : "not held";
  const head = `${safeText(name).padEnd(names)}  ${mb(vram_mb).padStart(9)}  ${state.padEnd(9)}  ${kind.padEnd(8)}  `;
  const rest = fault === null ? users : `${users}; ${safeText(fault)}`;
  return `${" ".repeat(INDENT)}${mark} ${head}${shorten(rest, Math.max(20, columns - head.length - INDENT - 2))}`;
}

function pendingLine({ model, holder, priority, position, waited_ms }: PendingLoad, paint: Paint): string {
  const waits = `${Math.round(waited_ms / 1_000)} s`;
  return `${" ".repeat(INDENT)}${paint("yellow", `${position}.`)} ${safeText(holder)} waits for ${safeText(model)} (${priority}, ${waits})`;
}

/** `14,700 MB`, whatever the language of the machine. */
const mb = (value: number): string => `${value.toLocaleString("en-US")} MB`;
