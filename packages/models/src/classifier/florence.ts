import { Type } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Picture } from "../detector/detector.ts";
import { ClassifierAuthError, ClassifierDownError, ModelAnswerError } from "../errors.ts";
import type { FlorenceConfig } from "../florence/config.ts";
import { FlorenceServer, florenceTask } from "../florence/florence-server.ts";
import type { Classification, Classifier } from "./classifier.ts";

/** The whole picture as a region: its sides are 1,000 places long. */
const WHOLE = "<loc_0><loc_0><loc_999><loc_999>";
/** Its post-processing leaves the region behind the label. */
const MARKS = /<loc_\d+>|<\/?s>|<pad>/g;

/** Florence-2 as a classifier: it names one label of its own choice, and not how sure it is. */
export class FlorenceClassifier implements Classifier {
  readonly #server: FlorenceServer;
  readonly #task = florenceTask("<REGION_TO_CATEGORY>", Type.String({ maxLength: 4_096 }));

  constructor(config: FlorenceConfig, calling: Calling) {
    const errors = { Down: ClassifierDownError, Auth: ClassifierAuthError };
    this.#server = new FlorenceServer({ config, action: "classify a picture", ...errors, calling });
  }

  async classify(picture: Picture, options: CallOptions): Promise<Classification> {
    const { answer, model } = await this.#server.ask(this.#task, { picture, text_input: WHOLE }, options);
    const label = answer.replace(MARKS, "").trim();
    if (label === "") throw this.#server.fault(ModelAnswerError, "<REGION_TO_CATEGORY> must hold a label: it has none");
    return { model, labels: [{ label, confidence: null }] };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
