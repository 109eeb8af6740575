-- Trials that a job asks for, so that a tenant's quota is counted without reading every job. Null in rows that are older than this column: theirs are in the resource.
alter table job add column trials bigint;
