import type { Facts } from "./facts.ts";

/** One line of the table: how much a fact adds to a risk of 0..100, and how it is said. */
export interface Reason {
  points: number;
  text: string;
}

const pointsByLabel: Record<string, number> = {
  person: 30,
  truck: 12,
  van: 12,
  car: 10,
  bus: 10,
  motorcycle: 12,
  bicycle: 8,
};
const animals = ["dog", "cat", "bird"];
/** A label without a said confidence counts as if it were this sure. */
const presumedConfidence = 0.8;

/** The table of the README applied to the facts, strongest first. Every fact in it moves the sum. */
export function weighFacts(facts: Facts): Reason[] {
  const reasons = [...facts.labels.map(weighLabel), ...weighWhen(facts), ...weighWho(facts)];
  return reasons.filter(({ points }) => points !== 0).sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
}

/** The sum of the reasons, kept within 0..100. */
export function riskScore(reasons: Reason[]): number {
  const sum = reasons.reduce((total, { points }) => total + points, 5);
  return Math.round(Math.min(100, Math.max(0, sum)));
}

function weighLabel({ name, count, confidence }: Facts["labels"][number]): Reason {
  const text = `${count} ${name}${confidence === null ? "" : ` at confidence ${confidence}`}`;
  if (animals.includes(name)) return { points: -15, text };
  const sure = confidence ?? presumedConfidence;
  const more = Math.min(12, 4 * (count - 1));
  return { points: Math.round(((pointsByLabel[name] ?? 5) * (0.4 + 0.75 * sure) + more) * 10) / 10, text };
}

function weighWhen({ hour, zones, dwell_s, deviation_sigma }: Facts): Reason[] {
  const night = hour !== null && (hour >= 22 || hour < 6);
  return [
    { points: night ? 20 : 0, text: `at night (hour ${hour})` },
    { points: zones.includes("entry_point") ? 20 : 0, text: "in an entry_point zone" },
    { points: zones.includes("yard") ? 8 : 0, text: "in a yard zone" },
    { points: zones.includes("driveway") ? 5 : 0, text: "in a driveway zone" },
    { points: zones.includes("sidewalk") ? -8 : 0, text: "in a sidewalk zone" },
    { points: dwell_s >= 150 ? 15 : dwell_s >= 30 ? 10 : 0, text: `stayed ${dwell_s} s` },
    {
      points: Math.min(15, Math.round(5 * Math.max(0, deviation_sigma - 1))),
      text: `${deviation_sigma} sigma from the usual`,
    },
  ];
}

function weighWho({ unknown, known, weapon, fire }: Facts): Reason[] {
  return [
    { points: unknown ? 10 : 0, text: "unknown" },
    { points: known ? -25 : 0, text: "known to the household" },
    { points: weapon ? 45 : 0, text: "a weapon is mentioned" },
    { points: fire ? 45 : 0, text: "fire or smoke is mentioned" },
  ];
}
