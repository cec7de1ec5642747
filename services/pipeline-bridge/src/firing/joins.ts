import { parseWhen, type SharedConfig, type When } from "@gatehouse/runtime";

/** A join that was read. */
export interface Join {
  readonly name: string;
  readonly when: When;
  readonly pipeline: string;
  /** With placeholders. */
  readonly parameters: Record<string, unknown>;
}

/** Reads the joins of a configuration that was checked. */
export function readJoins({ joins }: SharedConfig["pipelines"]): Join[] {
  return joins.map(({ name, when: text, pipeline, parameters }) => {
    const when = parseWhen(text, (fault) => {
      throw new TypeError(`Cannot read join "${name}" as when ${fault}`);
    })!;
    return { name, when, pipeline, parameters };
  });
}
