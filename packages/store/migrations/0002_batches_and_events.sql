create table batches (
  batch_id        text collate "C" primary key,
  camera_id       text collate "C" not null,
  state           text not null check (state in ('open', 'closed')),
  opened_at_ms    bigint not null,
  closes_at_ms    bigint not null,
  closed_at_ms    bigint,
  started_at_ms   bigint not null,
  last_at_ms      bigint not null,
  detection_count integer not null,
  labels          jsonb not null,
  confidence_sum  double precision not null,
  max_confidence  double precision not null,
  close_reason    text check (close_reason in ('timeout', 'idle', 'max_size')),
  event_id        text collate "C",
  check ((state = 'closed') = (closed_at_ms is not null) and (state = 'closed') = (close_reason is not null))
);
create unique index one_open_batch_per_camera on batches (camera_id) where state = 'open';
create index batches_by_end on batches (camera_id, last_at_ms) where state = 'closed';
create index batches_by_event on batches (event_id);

create table batch_members (
  camera_id      text collate "C" not null,
  frame_id       text collate "C" not null,
  batch_id       text collate "C" not null references batches on delete cascade,
  captured_at_ms bigint not null,
  boxes          integer not null,
  "set"          jsonb not null,
  primary key (camera_id, frame_id)
);
create index batch_members_by_batch on batch_members (batch_id, captured_at_ms, frame_id);

create table events (
  event_id      text collate "C" not null,
  revision      integer not null check (revision >= 0),
  camera_id     text collate "C" not null,
  started_at_ms bigint not null,
  created_at_ms bigint not null,
  labels        text[] not null,
  score         integer,
  level         text,
  event         jsonb not null,
  facts         jsonb,
  published_seq bigint,
  words         tsvector generated always as (to_tsvector('english', coalesce(event -> 'risk' ->> 'summary', ''))) stored,
  primary key (event_id, revision)
);
create index events_by_start on events (started_at_ms, event_id);
create index events_by_camera on events (camera_id, started_at_ms, event_id);
create index events_by_word on events using gin (words);

create table acknowledgements (
  event_id text collate "C" primary key,
  "by"     text not null,
  at_ms    bigint not null
);

create table feedback (
  event_id text collate "C" not null,
  "by"     text not null,
  verdict  text not null,
  note     text,
  at_ms    bigint not null,
  primary key (event_id, "by")
);
