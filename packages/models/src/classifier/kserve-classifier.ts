import type { Calling } from "../calling/calling.ts";
import type { Picture } from "../detector/detector.ts";
import { ClassifierAuthError, ClassifierDownError } from "../errors.ts";
import { ItemModel } from "../kserve/item-model.ts";
import { encodedInput } from "../kserve/model-tensors.ts";
import type { Classification, Classifier, ClassifyOptions } from "./classifier.ts";
import type { KserveClassifierConfig } from "./config.ts";
import { fittingLabels } from "./fitting-labels.ts";

interface Item {
  picture: Picture;
  most: number;
}

/** A classifier behind KServe v2: encoded pictures in, `[n, classes]` out. */
export class KserveClassifier implements Classifier {
  readonly #model: ItemModel<Item, Classification>;

  constructor(config: KserveClassifierConfig, calling: Calling) {
    const use = { action: "classify a picture", Down: ClassifierDownError, Auth: ClassifierAuthError, calling };
    this.#model = new ItemModel(config, use, {
      sides: 2,
      input: (metadata, items, fault) =>
        encodedInput(
          metadata,
          items.map(({ picture }) => picture),
          fault,
        ),
      read: ({ output, model, fault }, { most }) => ({
        model,
        labels: fittingLabels(output.data, { labels: config.labels, most, fault }),
      }),
    });
  }

  classify(picture: Picture, { most = 5, ...options }: ClassifyOptions): Promise<Classification> {
    return this.#model.ask({ picture, most }, options);
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#model.probe(signal);
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}
