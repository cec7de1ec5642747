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
  /** Which part of what the question's words weigh is in the passage, 0..1. */
  coverage: number;
}

/** A word of the question, and how many passages have it. */
interface Lexeme {
  lexeme: string;
  having: number;
}

/** Words of a question that are looked at, and passages that are counted for one. */
const MOST_WORDS = 64;
const MOST_COUNTED = 20_000;
/** Passages that are ranked: the rarest words say which. */
const MOST_RANKED = 5_000;
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
  const weights = lexemes.map(({ having }) => rarity(having, passages));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const known = lexemes.filter(({ having }) => having > 0);
  if (known.length === 0) return [];
  return db.query<KeywordHit>(
    `with asked as materialized (
       select quote_literal(lexeme)::tsquery as word, weight from unnest($1::text[], $2::float8[]) as a (lexeme, weight)),
     found as materialized (
       select passage_id, words, tokens from passages
       where words @@ (select string_agg(quote_literal(lexeme), '|')::tsquery from unnest($3::text[]) lexeme)
         and ${visibleSql("$4", "$5")} and ($6::text is null or collection = $6) limit ${MOST_RANKED})
     select passage_id, score / (1 - ${LENGTH_WEIGHT} + ${LENGTH_WEIGHT} * tokens / ${USUAL_TOKENS}.0) as score,
       covered / $7::float8 as coverage
     from found cross join lateral (
       select sum(weight * ts_rank('{1,1,1,1}', words, word)) as score, sum(weight) as covered
       from asked where words @@ word) ranked
     order by score desc, passage_id limit $8`,
    [
      lexemes.map(({ lexeme }) => lexeme),
      weights,
      tellingWords(known).map(({ lexeme }) => lexeme),
      viewer.user_id,
      viewer.events,
      collection,
      total,
      limit,
    ],
  );
}

async function countWords(db: Queryable, text: string): Promise<{ lexemes: Lexeme[]; passages: number }> {
  const lexemes = await db.query<Lexeme>(
    `select lexeme, (select count(*) from (select 1 from passages where words @@ quote_literal(lexeme)::tsquery
         and not removed limit ${MOST_COUNTED}) counted) as having
     from (select lexeme from unnest(to_tsvector('english', $1)) limit ${MOST_WORDS}) asked`,
    [searchWords(text)],
  );
  if (lexemes.length === 0) return { lexemes, passages: 0 };
  const [row] = await db.query<{ passages: number }>(
    `select greatest((select reltuples from pg_class where oid = 'passages'::regclass),
       (select count(*) from (select 1 from passages limit ${MOST_COUNTED}) counted))::bigint as passages`,
  );
  return { lexemes, passages: row!.passages };
}

/** As BM25 weighs it: ln(1 + (N - n + 0.5) / (n + 0.5)), never below 0 (Robertson and Zaragoza, 2009). */
function rarity(having: number, passages: number): number {
  return Math.log(1 + (Math.max(passages, having) - having + 0.5) / (having + 0.5));
}

/** The rarest words, as long as all passages that have one of them can be ranked; the very rarest always. */
function tellingWords(lexemes: readonly Lexeme[]): Lexeme[] {
  let passages = 0;
  const rarest = lexemes.toSorted((a, b) => a.having - b.having);
  return rarest.filter(({ having }, at) => {
    passages += having;
    return at === 0 || passages <= MOST_RANKED;
  });
}
