create unique index one_revision_per_cause on events (event_id, (facts ->> 'cause'));
create index events_unpublished on events (event_id, revision) where published_seq is null;
