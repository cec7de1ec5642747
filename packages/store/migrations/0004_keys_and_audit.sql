create table keys (
  key_id          text collate "C" primary key,
  sha256          text collate "C" not null unique,
  role            text not null check (role in ('viewer', 'operator', 'admin')),
  user_id         text,
  subjects        text[] not null,
  label           text not null,
  created_at_ms   bigint not null,
  revoked_at_ms   bigint,
  last_used_at_ms bigint
);

create table request_owners (
  request_id text collate "C" primary key,
  user_id    text collate "C" not null,
  at_ms      bigint not null
);
create index request_owners_by_time on request_owners (at_ms);

create table audit (
  audit_id bigint generated always as identity primary key,
  at_ms    bigint not null,
  who      text not null,
  action   text not null,
  target   text not null,
  details  jsonb not null
);
create index audit_by_time on audit (at_ms, audit_id);

create function refuse_change() returns trigger language plpgsql
  as $$ begin raise exception 'Cannot % table "%" as it is append-only', lower(tg_op), tg_table_name; end $$;
create trigger audit_is_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
