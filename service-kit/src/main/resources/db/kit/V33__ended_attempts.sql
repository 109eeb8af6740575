-- How attempts of a task ended that gave no result: a tasks.v1.TaskMetadata with those alone. Null where none did, and in rows of an older version.
alter table task add column ended_attempts bytea;
