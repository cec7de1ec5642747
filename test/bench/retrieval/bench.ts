import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { createEmbedder, createReranker } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { sections } from "@gatehouse/runtime";
import { migrate, openPostgres, openVectors } from "@gatehouse/store";
import { startCpu } from "../measure/cpu.ts";
import type { Bench, BenchOptions, Report } from "../measure/report.ts";
import { spread } from "../measure/spread.ts";
import { withHabit } from "./habit.ts";
import { type LabelledSet, type Question, readLabelledSet } from "./labelled-set.ts";
import { type Answered, betterOf, type Quality, qualityOf } from "./quality.ts";
import { fill, type Search, type Stand, searches, WAYS, type Way } from "./searches.ts";

/** How well questions find their passages: by vectors, by words, by both, and reranked. */
export const retrieval: Bench = { name: "retrieval", run };

const { min_relevance, min_rerank_score } = sections.retrieval.properties;

/** By way of searching, in the questions' order. */
type Answers = Record<Way, Answered[]>;

/** In a smoke run, every so many questions are asked: it is even chances that one was held out. */
const SMOKE_EVERY = 3;
const WAYS_WITH_LIMITS = ["hybrid", "hybrid + rerank"] as const;
/** As widely used embedders have it. */
const HABIT = 0.6;

async function run({ smoke, tell, signal }: BenchOptions): Promise<Report> {
  const whole = readLabelledSet();
  const set = { ...whole, questions: whole.questions.filter((_, at) => !smoke || at % SMOKE_EVERY === 0) };
  const home = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  const endCpu = startCpu({ bench: process.pid });
  const [{ postgres }, models] = await Promise.all([startServers(home, ["postgres"]), startReferenceModels()]);
  const config = [{ kind: "tei" as const, url: models.url }];
  await migrate(postgres.url);
  const db = openPostgres(postgres.url, { name: "bench" });
  const vectors = openVectors({ home, qdrant_url: null });
  const stand = { db, vectors, embedder: createEmbedder(config), reranker: createReranker(config) };
  try {
    await fill(stand, set);
    tell(`retrieval: ${set.passages.length} passages are indexed`);
    const found = await askAll(searches(stand), set.questions, signal);
    tell(`retrieval: ${set.questions.length} questions were asked`);
    return {
      ...report(set, found, smoke ? [] : await allGateNotes(stand, set)),
      foreign_cores: spread([endCpu().foreign_cores]),
    };
  } finally {
    await Promise.all([db.close(), vectors.close(), stand.embedder.close(), stand.reranker.close()]);
    await Promise.all([postgres.stop(), models.stop()]);
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function askAll(
  ways: Record<Way, Search>,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<Answers> {
  const answers: Answers = { dense: [], keyword: [], hybrid: [], "hybrid + rerank": [] };
  for (const { text, wanted } of questions) {
    signal.throwIfAborted();
    for (const way of WAYS) answers[way].push({ wanted, found: await ways[way](text) });
  }
  return answers;
}

function report(
  { passages, questions }: LabelledSet,
  answers: Answers,
  notes: string[],
): Omit<Report, "foreign_cores"> {
  const half = (held_out: boolean) => (way: Way) =>
    qualityOf(answers[way].filter((_, at) => questions[at]!.held_out === held_out));
  const all = (way: Way) => qualityOf(answers[way]);
  const faults = [...faultsOf("all", all), ...faultsOf("held out", half(true))];
  return {
    bench: "retrieval",
    about: `${questions.length} questions over ${passages.length} passages; every second question was held out of all tuning`,
    table: [
      ["", "recall@5", "MRR", "tuned: recall@5", "MRR", "held out: recall@5", "MRR"],
      ...WAYS.map((way) => [way, ...[all(way), half(false)(way), half(true)(way)].flatMap(shownQuality)]),
    ],
    goals: [],
    notes,
    faults,
  };
}

const shownQuality = ({ recall_at_5, mrr }: Quality): string[] => [recall_at_5.toFixed(3), mrr.toFixed(3)];

/** Both searches together may not be worse than the better one alone. */
function faultsOf(which: string, of: (way: Way) => Quality): string[] {
  const wanted = betterOf(of("dense"), of("keyword"));
  const seen = of("hybrid");
  return (["recall_at_5", "mrr"] as const)
    .filter((measure) => seen[measure] < wanted[measure])
    .map(
      (measure) =>
        `${which}: ${measure} of hybrid must be at least ${wanted[measure].toFixed(3)}: it is ${seen[measure].toFixed(3)}`,
    );
}

/** With the embedder as it is, and as if it found unrelated texts much alike. */
async function allGateNotes(stand: Stand, set: LabelledSet): Promise<string[]> {
  const notes = await gateNotes(stand, set, WAYS_WITH_LIMITS);
  const alike = { ...stand, embedder: withHabit(stand.embedder, HABIT) };
  await fill(alike, set);
  const others = await gateNotes(alike, set, ["hybrid"]);
  return [...notes, ...others.map((note) => `unrelated texts ${HABIT} more alike: ${note}`)];
}

/** What the limit of relevance keeps and lets through. */
async function gateNotes(
  stand: Stand,
  { questions, unanswerable }: LabelledSet,
  wanted_ways: readonly Way[],
): Promise<string[]> {
  const limits = { min_relevance: min_relevance.default, min_rerank_score: min_rerank_score.default };
  const ways = searches(stand, limits);
  const notes: string[] = [];
  for (const way of wanted_ways) {
    const answered: Answered[] = [];
    for (const { text, wanted } of questions) answered.push({ wanted, found: await ways[way](text) });
    let silent = 0;
    for (const text of unanswerable) if ((await ways[way](text)).length === 0) silent++;
    const { recall_at_5 } = qualityOf(answered);
    notes.push(
      `${way} above ${JSON.stringify(limits)}: recall@5 ${recall_at_5.toFixed(3)}; nothing found for ${silent} of ${unanswerable.length} questions without an answer`,
    );
  }
  return notes;
}
