import type { Fault } from "./configuration.ts";
import { nearestName } from "./nearest-name.ts";
import type { SharedConfig } from "./sections.ts";

type Cards = SharedConfig["gpu"]["cards"];
type Model = Cards[number]["models"][number];

/** Every card and model has a name of its own, and each model has room on its card beside those that always stay. */
export function cardsFit({ gpu }: Pick<SharedConfig, "gpu">): Fault[] {
  const places = gpu.cards.flatMap((card, c) =>
    card.models.map((model, m) => ({ name: model.name, path: `gpu.cards[${c}].models[${m}].name` })),
  );
  const cards = gpu.cards.map(({ id }, c) => ({ name: id, path: `gpu.cards[${c}].id` }));
  return [...repeated(cards), ...repeated(places), ...gpu.cards.flatMap(roomFaults)];
}

/** Every `gpu` of an entry under `models` names a model of a card. */
export function gpuNamesKnown({
  gpu,
  models: { budgets: _, ...lists },
}: Pick<SharedConfig, "gpu" | "models">): Fault[] {
  const known = gpu.cards.flatMap((card) => card.models.map(({ name }) => name));
  return Object.entries(lists).flatMap(([kind, entries]) =>
    (entries as readonly { gpu?: string }[]).flatMap(({ gpu: name }, i) => {
      if (name === undefined || known.includes(name)) return [];
      const near = nearestName(name, known);
      const wanted = near ? `did you mean "${near}"` : `known are ${known.join(", ") || "none"}`;
      const message = `must name a model of gpu.cards: current value is "${name}", ${wanted}`;
      return [{ path: `models.${kind}[${i}].gpu`, message }];
    }),
  );
}

function repeated(places: readonly { name: string; path: string }[]): Fault[] {
  return places.flatMap(({ name, path }) => {
    const first = places.find((place) => place.name === name)!.path;
    return first === path ? [] : [{ path, message: `must differ from ${first}: current value is "${name}"` }];
  });
}

function roomFaults({ id, vram_mb, reserved_mb, models }: Cards[number], c: number): Fault[] {
  const budget_mb = vram_mb - reserved_mb;
  const path = `gpu.cards[${c}]`;
  if (budget_mb <= 0)
    return [
      { path: `${path}.reserved_mb`, message: `must be below vram_mb (${vram_mb}): current value is ${reserved_mb}` },
    ];
  const fixed = models.filter(isFixed);
  const fixed_mb = sum(fixed);
  if (fixed_mb > budget_mb) {
    const names = fixed.map(({ name }) => name).join(", ");
    const message = `must be at least what always stays on card "${id}" (${names}: ${fixed_mb} MB) and reserved_mb (${reserved_mb}): current value is ${vram_mb}`;
    return [{ path: `${path}.vram_mb`, message }];
  }
  return models.flatMap((model, m) => {
    const beside_mb = isFixed(model) ? 0 : fixed_mb;
    if (model.vram_mb <= budget_mb - beside_mb) return [];
    const message = `must be at most ${budget_mb - beside_mb}, what card "${id}" has for model "${model.name}"${beside_mb > 0 ? ` beside ${fixed.map(({ name }) => name).join(", ")}` : ""}: current value is ${model.vram_mb}`;
    return [{ path: `${path}.models[${m}].vram_mb`, message }];
  });
}

/** It stays on the card: it is resident, or its server never lets go of it. */
const isFixed = ({ resident, load }: Model): boolean => resident || load.kind === "none";
const sum = (models: readonly Model[]): number => models.reduce((total, { vram_mb }) => total + vram_mb, 0);
