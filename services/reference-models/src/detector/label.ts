import type { Shape } from "./shape.ts";

/** Labels that the reference detector gives. */
export const labelNames = ["person", "car", "truck", "dog", "cat"] as const;
export type LabelName = (typeof labelNames)[number];

/** How well a shape fits each label, as log likelihood without a constant: 0 is a perfect fit. */
export type LabelFits = Record<LabelName, number>;

/** What a label looks like: mean and spread of each number; lengths and tallness are compared by their logarithm. */
interface Look {
  tallness: [number, number];
  fill: [number, number];
  legGap: [number, number];
  topFill: [number, number];
  personHeights: [number, number];
  personWidths: [number, number];
}

/** The label table of the README. Sizes in heights of a person; estimates of ordinary proportions, not fitted to any picture. */
const looks: Record<LabelName, Look> = {
  person: {
    tallness: [2.4, 0.38],
    fill: [0.65, 0.2],
    legGap: [0.4, 0.3],
    topFill: [0.4, 0.25],
    personHeights: [1, 0.6],
    personWidths: [0.42, 0.7],
  },
  car: {
    tallness: [0.45, 0.3],
    fill: [0.8, 0.14],
    legGap: [0.2, 0.18],
    topFill: [0.5, 0.2],
    personHeights: [0.9, 0.6],
    personWidths: [2, 0.6],
  },
  truck: {
    tallness: [0.55, 0.35],
    fill: [0.88, 0.12],
    legGap: [0.18, 0.18],
    topFill: [0.85, 0.15],
    personHeights: [1.8, 0.4],
    personWidths: [3.6, 0.4],
  },
  dog: {
    tallness: [0.75, 0.28],
    fill: [0.55, 0.16],
    legGap: [0.55, 0.18],
    topFill: [0.3, 0.2],
    personHeights: [0.42, 0.5],
    personWidths: [0.58, 0.5],
  },
  cat: {
    tallness: [0.7, 0.3],
    fill: [0.55, 0.16],
    legGap: [0.55, 0.2],
    topFill: [0.3, 0.2],
    personHeights: [0.2, 0.35],
    personWidths: [0.3, 0.4],
  },
};

/** Compares a shape with every label's look. A shape cut by the picture's edge is judged more by height than by proportions. */
export function fitLabels(shape: Shape): LabelFits {
  const fits = {} as LabelFits;
  for (const name of labelNames) fits[name] = fit(shape, looks[name]);
  return fits;
}

function fit(shape: Shape, look: Look): number {
  const outline = shape.cut ? 0.35 : 1;
  const ratio = (value: number, [mean, spread]: [number, number]) =>
    square((Math.log(value) - Math.log(mean)) / spread);
  const share = (value: number, [mean, spread]: [number, number]) => square((value - mean) / spread);
  const sum =
    outline * ratio(shape.tallness, look.tallness) +
    0.5 * share(shape.fill, look.fill) +
    0.5 * outline * share(shape.legGap, look.legGap) +
    0.5 * outline * share(shape.topFill, look.topFill) +
    0.7 * ratio(shape.personHeights, look.personHeights) +
    0.7 * outline * ratio(shape.personWidths, look.personWidths);
  return -0.5 * sum;
}

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
