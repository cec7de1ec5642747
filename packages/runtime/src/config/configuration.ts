import type { Static, TSchema } from "@sinclair/typebox";

/** Settings by their top-level name: a section is an object schema with its defaults, `durability` a plain word. */
export type ConfigSections = Readonly<Record<string, TSchema>>;
/** The checked, frozen configuration of these sections. */
export type ConfigOf<S extends ConfigSections> = { readonly [K in keyof S]: Static<S[K]> };

/** Looks at settings that depend on each other. Is asked only when every setting fits by itself. */
export type ConfigCheck<S extends ConfigSections> = (config: ConfigOf<S>) => readonly Fault[];

/** What is wrong with one setting. */
export interface Fault {
  /** `cameras[0].id` */
  path: string;
  /** The sentence without its subject: `must be 1..3600: current value is 0` */
  message: string;
}

/** Is told every fault; checking goes on. */
export type OnFault = (path: string, message: string) => void;

/** Where a value was written. */
export type Origin = { line: number } | { variable: string };

/** A fault that has no setting to name: the file cannot be read, a key is there twice. */
export interface PlacedFault {
  place: string;
  message: string;
}

/** Values as they were written, not yet checked. Objects have no prototype. */
export interface Written {
  values: Record<string, unknown>;
  /** By path. A value inside a list or map from the environment has its ancestor's. */
  origins: Map<string, Origin>;
  faults: PlacedFault[];
}

/** `("cameras[0]", "id")` is `cameras[0].id`. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}
