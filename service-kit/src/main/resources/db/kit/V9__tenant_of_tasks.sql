-- Whose job a task is for: workers say it in their logs. Tasks that were started before are of the tenant of a mesh without identities.
alter table task add column tenant varchar(128) not null default 'default';
