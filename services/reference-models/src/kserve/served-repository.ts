import { encodedDetector, tensorDetector } from "./detector-models.ts";
import { classifier, imageEmbedder } from "./picture-models.ts";
import { Repository, type RepositoryOptions } from "./repository.ts";

/** All models that the KServe doors show. */
export const servedRepository = (options: RepositoryOptions): Repository =>
  new Repository([encodedDetector(), tensorDetector(), imageEmbedder(), classifier()], options);
