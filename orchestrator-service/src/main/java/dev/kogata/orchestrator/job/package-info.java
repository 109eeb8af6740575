/** Jobs: what is accepted, what is stored of them, and who is told when they change. */
package dev.kogata.orchestrator.job;
