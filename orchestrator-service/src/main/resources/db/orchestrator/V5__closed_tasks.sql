-- Whether the operation of a task whose result nobody waits for was told to end: a job may end, and its orchestrator die, before that.
alter table job_task add column closed boolean default false not null;
create index job_task_open on job_task (closed, job);
