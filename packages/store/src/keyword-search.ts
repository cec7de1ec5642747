import { type Viewer, visibleSql } from "./passages.ts";
import type { Queryable } from "./queryable.ts";
import { searchWords } from "./search-words.ts";

export interface KeywordSearch {
  text: string;
  viewer: Viewer;
  /** Passages of this collection only; null: of all. */
  collection: string | null;
  limit: number;
}

export interface KeywordHit {
  passage_id: string;
  score: number;
  /** Which part of what the question's words weigh is in the passage, 0..1; one that no passage has weighs as the others do. */
  coverage: number;
}

/** A word of the question as Postgres stems it, and about how many passages have it. */
interface Lexeme {
  lexeme: string;
  having: number;
}

/** Words of a question that are looked at, and those of them that rank: the rarest. */
const MOST_WORDS = 64;
const MOST_RANKING = 24;
/** Passages that are counted for a word that is not among the common ones. */
const MOST_COUNTED = 5_000;
/** Passages that are ranked. */
const MOST_RANKED = 2_000;
/** How much longer texts count less (BM25's b), and the tokens of a usual one. */
const LENGTH_WEIGHT = 0.3;
const USUAL_TOKENS = 300;

/**
 * The passages that share words with a question, the best first: each word weighs by how rare it is, more of one adds less
 * each time (Postgres' `ts_rank` of one word), long passages count a little less. Any word is enough.
 */
export async function keywordSearch(
  db: Queryable,
  { text, viewer, collection, limit }: KeywordSearch,
): Promise<KeywordHit[]> {
  const { lexemes, passages } = await countWords(db, text);
  const weightOf = ({ having }: Lexeme): number => rarity(having, passages);
  const ranking = lexemes
    .filter(({ having }) => having > 0)
    .sort((a, b) => a.having - b.having)
    .slice(0, MOST_RANKING);
  if (ranking.length === 0) return [];
  return db.query<KeywordHit>(
    `with asked as materialized (select word::tsquery as word, weight from unnest($1::text[], $2::float8[]) a (word, weight)),
     some_ids as materialized (
       select distinct passage_id from unnest($3::text[]) shape cross join lateral (
         select passage_id from passages where words @@ shape::tsquery
           and ${visibleSql("$4", "$5")} and ($6::text is null or collection = $6) limit ${MOST_RANKED}) fitting),
     found as materialized (
       select passage_id, words || ''::tsvector as words, tokens from passages join some_ids using (passage_id))
     select passage_id, score / (1 - ${LENGTH_WEIGHT} + ${LENGTH_WEIGHT} * tokens / ${USUAL_TOKENS}.0) as score,
       covered / $7::float8 as coverage
     from found cross join lateral (
       select sum(weight * ts_rank('{1,1,1,1}', words, word)) as score, sum(weight) as covered
       from asked where words @@ word) ranked
     order by score desc, passage_id limit $8`,
    [
      ranking.map(({ lexeme }) => quoted(lexeme)),
      ranking.map(weightOf),
      candidateShapes(ranking),
      viewer.user_id,
      viewer.events,
      collection,
      weightOfAll(lexemes, weightOf),
      limit,
    ],
  );
}

/** A word that no passage has is one that people ask with, more often than one that the answer must have. */
function weightOfAll(lexemes: readonly Lexeme[], weightOf: (lexeme: Lexeme) => number): number {
  const seen = lexemes.filter(({ having }) => having > 0);
  const sum = seen.reduce((total, lexeme) => total + weightOf(lexeme), 0);
  return (sum * lexemes.length) / seen.length;
}

/** Common words are known from the statistics that Postgres keeps (`analyze`), the others are counted. */
async function countWords(db: Queryable, text: string): Promise<{ lexemes: Lexeme[]; passages: number }> {
  const lexemes = await db.query<Lexeme & { passages: number }>(
    `with size as materialized (
       select greatest((select reltuples from pg_class where oid = 'passages'::regclass),
         (select count(*) from (select 1 from passages limit ${MOST_COUNTED}) some_passages)) as passages),
     common as materialized (
       select unnest(most_common_elems::text::text[]) as lexeme, unnest(most_common_elem_freqs) as share
       from pg_stats where schemaname = current_schema() and tablename = 'passages' and attname = 'words')
     select lexeme, passages, coalesce(share * passages, (select count(*) from (
         select 1 from passages where words @@ quote_literal(lexeme)::tsquery and not removed limit ${MOST_COUNTED}) some_passages
       )) as having
     from (select lexeme from unnest(to_tsvector('english', $1)) limit ${MOST_WORDS}) asked
       left join common using (lexeme) cross join size`,
    [searchWords(text)],
  );
  return { lexemes, passages: lexemes[0]?.passages ?? 0 };
}

/** As BM25 weighs it: ln(1 + (N - n + 0.5) / (n + 0.5)), never below 0 (Robertson and Zaragoza, 2009). */
function rarity(having: number, passages: number): number {
  return Math.log(1 + (Math.max(passages, having) - having + 0.5) / (having + 0.5));
}

/**
 * What a passage must have to be ranked, as queries. Any of the words, where all that have one can be ranked; else any of
 * the rarest, and, so that common words are found together, all of them and the rarest few.
 */
function candidateShapes(rarest: readonly Lexeme[]): string[] {
  let passages = 0;
  const telling = rarest.filter(({ having }, at) => {
    passages += having;
    return at === 0 || passages <= MOST_RANKED;
  });
  const joined = (lexemes: readonly Lexeme[], by: "&" | "|") => lexemes.map(({ lexeme }) => quoted(lexeme)).join(by);
  if (telling.length === rarest.length) return [joined(rarest, "|")];
  return [joined(telling, "|"), ...[rarest.length, 4, 3, 2].map((count) => joined(rarest.slice(0, count), "&"))];
}

const quoted = (lexeme: string): string => `'${lexeme.replace(/['\\]/g, "$&$&")}'`;
