create table documents (
  -- Made of collection and uri.
  document_id   text collate "C" primary key,
  collection    text collate "C" not null,
  uri           text collate "C" not null,
  title         text,
  media_type    text not null,
  sha256        text collate "C" not null,
  size_bytes    integer not null,
  body          bytea,
  state         text not null check (state in ('waiting', 'indexing', 'ready', 'failed', 'removing')),
  error         jsonb,
  user_id       text,
  created_at_ms bigint not null,
  updated_at_ms bigint not null
);
create index documents_by_time on documents (updated_at_ms, document_id);

create table vector_sets (
  set_no        bigint generated always as identity primary key,
  name          text collate "C" not null unique,
  model         text not null,
  dimensions    integer not null,
  created_at_ms bigint not null
);

create table passages (
  passage_id    text collate "C" primary key,
  collection    text collate "C" not null,
  kind          text collate "C" not null check (kind in ('document', 'event', 'turn')),
  document_id   text collate "C",
  position      integer not null,
  text          text not null,
  words         tsvector not null,
  tokens        integer not null,
  uri           text,
  user_id       text collate "C",
  camera_id     text collate "C",
  at_ms         bigint,
  set_no        bigint not null default 0,
  vector_error  text,
  removed       boolean not null default false
);
create index passages_by_word on passages using gin (words);
create index passages_by_document on passages (document_id, position);
create index passages_by_set on passages (set_no, passage_id) where not removed;
create index passages_removed on passages (passage_id) where removed;
create index passages_by_time on passages (kind, at_ms);
