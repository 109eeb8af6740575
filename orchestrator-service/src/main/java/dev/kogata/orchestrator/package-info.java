/** Models, datasets and jobs: what the gateway offers to users, and the workflow that runs every job. */
package dev.kogata.orchestrator;
