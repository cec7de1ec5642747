import { setTimeout as delay } from "node:timers/promises";
import { type CardStatus, forgetModel, readCardStatus } from "@gatehouse/models";
import { createLeaseStore, type LeaseStore } from "@gatehouse/runtime";
import { Command } from "commander";
import { withBroker } from "../broker.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
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
  gatehouse gpu --json | jq '.cards[].loaded_models[].name'
  gatehouse gpu forget card-0 llm`;

const FORGET_HELP = `
For a server that was switched off or moved for good: nobody can confirm any more that the model is unloaded, so its room
would stay taken. Its server is not asked.

Example:
  gatehouse gpu forget card-0 llm`;
/** How often a card is looked at. */
const LOOK_MS = 500;
const CLEAR = "\u001b[H\u001b[2J";

export function gpuCommand(context: Context): Command {
  const gpu = new Command("gpu")
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
  gpu
    .command("forget")
    .description("free the room of a model whose server is gone for good")
    .argument("<card>", "id of the card")
    .argument("<model>", "the model's name in gpu.cards, now or before")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", FORGET_HELP)
    .action((card: string, model: string, _options: Options, command: Command) =>
      // Both have --home and --json: commander gives those to the outer one.
      forget(context, { card, model }, command.optsWithGlobals<Options>()),
    );
  return gpu;
}

async function forget(context: Context, named: { card: string; model: string }, options: Options): Promise<void> {
  const { card, model } = named;
  await withBroker(context, homeDir(context, options), "forget a model", async (bus) => {
    const forgotten = await forgetModel(createLeaseStore(bus), named);
    const cannot = `Cannot forget model "${model}" of card "${card}"`;
    if (forgotten.how === "unknown") throw new UsageError(`${cannot} as it must stand in the card's key: it does not`);
    if (forgotten.how === "in use")
      throw new UsageError(`${cannot} as nobody may hold it: held by ${forgotten.holders.join(", ")}`);
    context.out.write(options.json ? `${JSON.stringify(named)}\n` : `${model} is forgotten: its room is free\n`);
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
