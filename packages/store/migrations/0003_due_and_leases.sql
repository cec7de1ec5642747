create table due (
  service             text collate "C" not null,
  kind                text collate "C" not null,
  key                 text collate "C" not null,
  due_at_ms           bigint not null,
  payload             jsonb not null,
  version             bigint not null default 1,
  failures            integer not null default 0,
  first_refused_at_ms bigint,
  lease_until_ms      bigint,
  lease_token         uuid,
  primary key (service, kind, key)
);
create index due_by_time on due (service, due_at_ms);

create table leases (
  name     text collate "C" primary key,
  holder   text not null,
  epoch    bigint not null,
  until_ms bigint not null
);
