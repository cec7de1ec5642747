-- A login is named by the broker's time and its place in the stream.
create table logins (
  user_id       text collate "C" not null,
  at_ms         bigint not null,
  seq           bigint not null,
  greeting      jsonb not null,
  created_at_ms bigint not null,
  published_seq bigint,
  primary key (user_id, at_ms, seq)
);
create index logins_by_time on logins (at_ms);

create index events_by_telling on events (created_at_ms) where revision = 0;
