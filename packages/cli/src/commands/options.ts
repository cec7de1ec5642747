import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Context } from "../context.ts";

/** The home folder: where everything of one Gatehouse is. */
export const homeOption = (): Option =>
  new Option("--home <dir>", "home folder").env("GATEHOUSE_HOME").default(".gatehouse");

export const jsonOption = (): Option => new Option("--json", "JSON instead of text");

export const configOption = (): Option => new Option("--config <file>", "configuration instead of ./gatehouse.yaml");

/** Where the home of these options is. */
export const homeDir = ({ cwd }: Context, { home }: { home: string }): string => resolve(cwd, home);

/** Reads a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be ${least}..${most}`);
  };
}
