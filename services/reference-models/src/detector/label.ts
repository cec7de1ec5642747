import type { Shape } from "./shape.ts";

/** Labels that the reference detector gives. */
export const labelNames = ["person", "car", "truck", "dog", "cat"] as const;
export type LabelName = (typeof labelNames)[number];

/** How well a shape fits each label, as log likelihood without a constant: 0 is a perfect fit. */
export type LabelFits = Record<LabelName, number>;

/** What a label looks like: mean and spread of each number; lengths and tallness are compared by their logarithm. */
interface Look {
  tallness: Norm;
  fill: Norm;
  legs: Norm;
  topFill: Norm;
  personHeights: Norm;
  personWidths: Norm;
}

/** Handicap of labels that cameras see seldom. */
const rarity: Record<LabelName, number> = { person: 0, car: 0, truck: 0.3, dog: 0, cat: 1 };

type Norm = readonly [mean: number, spread: number];

/** The label table of the README. Sizes in heights of a person; ordinary proportions, adjusted on the drawn films of the tests. */
const looks: Record<LabelName, Look> = {
  person: look([2.4, 0.38], [0.65, 0.2], [0.4, 0.3], [0.4, 0.25], [1, 0.6], [0.42, 0.7]),
  car: look([0.42, 0.3], [0.7, 0.14], [0.2, 0.11], [0.45, 0.15], [0.8, 0.7], [1.9, 0.75]),
  truck: look([0.52, 0.3], [0.82, 0.12], [0.15, 0.1], [0.77, 0.14], [1.4, 0.5], [2.7, 0.5]),
  dog: look([0.75, 0.28], [0.55, 0.16], [0.45, 0.14], [0.3, 0.2], [0.42, 0.5], [0.58, 0.5]),
  cat: look([0.7, 0.3], [0.55, 0.16], [0.42, 0.16], [0.3, 0.2], [0.2, 0.35], [0.3, 0.4]),
};

function look(tallness: Norm, fill: Norm, legs: Norm, topFill: Norm, personHeights: Norm, personWidths: Norm): Look {
  return { tallness, fill, legs, topFill, personHeights, personWidths };
}

/**
 * Compares a shape with every label's look. Of one that the picture's edge cuts, what the cut hides is not held against a
 * label: it may be wider and flatter than it seems.
 */
export function fitLabels(shape: Shape): LabelFits {
  const fits = {} as LabelFits;
  for (const name of labelNames) fits[name] = fit(shape, looks[name]) - rarity[name];
  return fits;
}

function fit(shape: Shape, want: Look): number {
  const outline = shape.cut ? 0.35 : 1;
  const flatter = shape.cutAside ? Math.min(shape.tallness, want.tallness[0]) : shape.tallness;
  const wider = shape.cutAside ? Math.max(shape.personWidths, want.personWidths[0]) : shape.personWidths;
  const sum =
    ratio(flatter, want.tallness) +
    0.5 * (shape.cut ? 0.7 : 1) * share(shape.fill, want.fill) +
    0.6 * outline * share(shape.legs, want.legs) +
    0.5 * outline * share(shape.topFill, want.topFill) +
    0.7 * ratio(shape.personHeights, want.personHeights) +
    0.7 * ratio(wider, want.personWidths);
  return -0.5 * sum;
}

const ratio = (value: number, [mean, spread]: Norm): number => square(Math.log(value / mean) / spread);
const share = (value: number, [mean, spread]: Norm): number => square((value - mean) / spread);
const square = (value: number): number => value * value;

/** The label that fits best. */
export function bestLabel(fits: LabelFits): { name: LabelName; fit: number } {
  let best: LabelName = "person";
  for (const name of labelNames) if (fits[name] > fits[best]) best = name;
  return { name: best, fit: fits[best] };
}

/** Facts that a confidence is made of. */
export interface Evidence {
  /** Mean difference over the difference that counts at all: 1 is barely visible. */
  contrast: number;
  /** Marked pixels at working size. */
  area: number;
  /** The label's fit. */
  fit: number;
}

/** A heuristic, 0.3..0.99: grows with contrast, with size, and with how well the shape fits its label. Not a probability. */
export function confidence({ contrast, area, fit }: Evidence): number {
  const seen = 1 - Math.exp(-Math.max(0, contrast - 0.6) / 0.9);
  const large = 1 - Math.exp(-area / 45);
  const shaped = Math.exp(Math.min(0, fit + 0.5) / 7);
  return Math.min(0.99, Math.max(0.3, 0.3 + 0.68 * seen * large * shaped));
}
