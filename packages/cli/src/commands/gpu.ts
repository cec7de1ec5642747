import { setTimeout as delay } from "node:timers/promises";
import { type CardStatus, readCardStatus } from "@gatehouse/models";
import { createLeaseStore, type LeaseStore } from "@gatehouse/runtime";
import { Command } from "commander";
import { withBroker } from "../broker.ts";
import type { Context } from "../context.ts";
import { loadSettings, type Settings } from "../settings.ts";
import { cardLines } from "../terminal/card-lines.ts";
import { paintFor } from "../terminal/paint.ts";
import type { Screen } from "../terminal/screen.ts";
import { configOption, homeDir, homeOption, jsonOption } from "./options.ts";

interface Options {
  home: string;
  config?: string;
  json: boolean;
  watch?: boolean;
}

type Cards = Settings["gpu"]["cards"];

const HELP = `
Each card of gpu.cards, on the broker of NATS_URL, else of the Gatehouse that runs in the home: how much of its memory is
taken by what, who holds that, and who waits in which place.

Examples:
  gatehouse gpu
  gatehouse gpu --watch
  gatehouse gpu --json | jq '.cards[].loaded_models[].name'`;
/** How often a card is looked at. */
const LOOK_MS = 500;
const CLEAR = "\u001b[H\u001b[2J";

export function gpuCommand(context: Context): Command {
  return new Command("gpu")
    .description("who holds which model on which card, and who waits")
    .option("--watch", "go on until Ctrl-C; with --json a line for each change")
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      const { cards } = loadSettings({ file: options.config, env: context.env, cwd: context.cwd }).gpu;
      await withBroker(context, homeDir(context, options), "look at the cards", async (bus) => {
        const store = createLeaseStore(bus);
        if (options.watch) await watch(context, options, cards, store);
        else show(context.out, await statusOf(cards, store), options);
      });
    });
}

const statusOf = (cards: Cards, store: LeaseStore): Promise<CardStatus[]> =>
  Promise.all(cards.map((card) => readCardStatus(card, store)));

/** Shows the cards again whenever something changed. */
async function watch({ out, interrupts }: Context, options: Options, cards: Cards, store: LeaseStore): Promise<void> {
  for (let last = ""; !interrupts.first.aborted; ) {
    const status = await statusOf(cards, store);
    const now = JSON.stringify(status);
    if (now !== last && out.isTTY && !options.json) out.write(CLEAR);
    if (now !== last) show(out, status, options);
    last = now;
    await delay(LOOK_MS, undefined, { signal: interrupts.first }).catch(() => undefined);
  }
}

function show(out: Screen, cards: readonly CardStatus[], { json }: Options): void {
  if (json) return void out.write(`${JSON.stringify({ cards })}\n`);
  const paint = paintFor(out);
  const blocks = cards.map((card) => cardLines(card, paint, out.columns).join("\n"));
  out.write(`${blocks.join("\n\n") || "No cards are configured: gpu.cards in gatehouse.yaml names them"}\n`);
}
