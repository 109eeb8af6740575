-- Runs on H2 (PostgreSQL mode) and on PostgreSQL.

-- Work for workers. The row is the truth: who holds a task, until when, how it ended.
create table task (
    number         bigint generated always as identity primary key,
    name           varchar(200)  not null unique,
    request_id     varchar(200)  not null unique,
    request_sha256 char(64)      not null,
    job            varchar(200)  not null,
    request        bytea         not null,
    state          varchar(16)   not null,
    progress       double precision not null,
    message        varchar(1000) not null,
    -- Attempts begun; those that may still end in an error.
    attempts       integer       not null,
    attempts_left  integer       not null,
    -- Grows with every claim: who comes with an older one is refused.
    fence          bigint        not null,
    worker         varchar(200)  not null,
    lease_until    timestamp with time zone,
    result         bytea,
    error          bytea,
    create_time    timestamp with time zone not null,
    update_time    timestamp with time zone not null
);
create index task_by_state on task (state, number);

-- Events that were decided in the same transaction as the change they tell of, until the broker has them.
create table outbox (
    number       bigint generated always as identity primary key,
    topic        varchar(200) not null,
    record_key   varchar(200) not null,
    id           varchar(400) not null,
    source       varchar(400) not null,
    type         varchar(200) not null,
    payload      bytea        not null,
    create_time  timestamp with time zone not null
);

-- Events that have had their effect.
create table inbox (
    source       varchar(400) not null,
    id           varchar(400) not null,
    create_time  timestamp with time zone not null,
    primary key (source, id)
);
