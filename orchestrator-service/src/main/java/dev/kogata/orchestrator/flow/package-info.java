/**
 * The workflow of a job: stages that ask other services for tasks, remember every answer, and so go on after a restart where
 * they were.
 */
package dev.kogata.orchestrator.flow;
